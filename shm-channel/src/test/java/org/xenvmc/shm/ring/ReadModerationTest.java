package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadModerationTest {
    private final ReadModeration moderation = new ReadModeration();

    /** Small reads until a wait is tried; returns how many it took. */
    private int readsUntilTrial(int limit) {
        for (int reads = 0; reads < limit; reads++) {
            if (moderation.waits()) {
                return reads;
            }
            moderation.took(1, 64, false);
        }
        return limit;
    }

    @Test
    void shouldTryAWaitAfterARowOfSmallReads() {
        assertThat(moderation.waits()).isFalse();
        assertThat(readsUntilTrial(1000)).isEqualTo(16);
    }

    @Test
    void shouldWaitLongerWhenSeveralRecordsCome() {
        readsUntilTrial(1000);
        long firstNs = moderation.waitNs();
        moderation.await();
        moderation.took(5, 320, false);
        assertThat(moderation.waitNs()).isGreaterThan(firstNs);
        for (int i = 0; i < 10; i++) {
            moderation.await();
            moderation.took(20, 1280, false);
        }
        assertThat(moderation.waitNs()).isEqualTo(2_000);
    }

    @Test
    void shouldGiveUpAndTryMoreSeldomWhenNothingMoreComes() {
        int before = readsUntilTrial(1000);
        for (int i = 0; i < 5; i++) {
            moderation.await();
            moderation.took(1, 1, false);
            assertThat(moderation.waits()).isFalse();
            int after = readsUntilTrial(1 << 20);
            assertThat(after).isGreaterThan(before);
            before = after;
        }
    }

    @Test
    void shouldWaitLessWhenTheReaderIsTheSlowerOne() {
        readsUntilTrial(1000);
        for (int i = 0; i < 10; i++) {
            moderation.await();
            moderation.took(20, 1280, false);
        }
        for (int i = 0; i < 10; i++) {
            moderation.await();
            moderation.took(500, 64 * 1024, true);
        }
        assertThat(moderation.waitNs()).isEqualTo(250);
    }

    @Test
    void shouldNotWaitForWhoeverReadsAsMuchAsThereIsRoomFor() {
        for (int i = 0; i < 1000; i++) {
            moderation.took(1, 1, true);
        }
        assertThat(moderation.waits()).isFalse();
    }

    @Test
    void shouldNotWaitForLargeReads() {
        for (int i = 0; i < 1000; i++) {
            moderation.took(4, 40_000, false);
        }
        assertThat(moderation.waits()).isFalse();
    }
}
