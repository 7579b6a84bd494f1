package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.world.TestSeed;

/**
 * A ring of 16 KiB: data from 1,024 to 17,408, the position at 17,536; pages begin at 0, 4,096, 8,192, 12,288, 16,384.
 */
class RingPagesTest {
    private static final int CAPACITY = 16 * 1024;

    @ParameterizedTest
    @CsvSource({
        // nothing
        "0, 0, 0",
        "500, 500, 0",
        // offsets 1,024 to 1,151 and the next header: page 0; and the position's page, 4
        "0, 128, 2",
        // offsets 1,024 to 4,095; the next header begins the next page: pages 0, 1, 4
        "0, 3072, 3",
        "0, 3064, 2",
        // offsets 16,400 to 17,399: page 4 alone, where the position is as well
        "15376, 16376, 1",
        // to the end of the data, and the next header at its beginning: pages 4 and 0
        "15376, 16384, 2",
        // around the end: offsets 16,400 to 17,407 and 1,024 to 2,047
        "15376, 17408, 2",
        // in a later round as in the first
        "1638400, 1638528, 2",
        // once around, or more: 5 pages
        "0, 16384, 5",
        "100000, 1000000, 5"
    })
    void shouldCountPagesDoneByHand(long from, long to, long pages) {
        assertThat(RingPages.bySender(from, to, CAPACITY)).isEqualTo(pages);
    }

    @Test
    void shouldCountTheReceiversPosition() {
        assertThat(RingPages.byReceiver(5, 5)).isZero();
        assertThat(RingPages.byReceiver(5, 500_000)).isEqualTo(1);
    }

    /** Byte for byte. */
    @Test
    void shouldAgreeWithWritingEachByte() {
        Random random = new Random(TestSeed.next("RingPagesTest"));
        for (int i = 0; i < 2_000; i++) {
            int capacity = 4096 << random.nextInt(4);
            long from = 8L * random.nextInt(100_000);
            long to = from + 8L + 8L * random.nextInt(capacity / 4);
            BitSet pages = new BitSet();
            pages.set((1024 + capacity + 128) / 4096);
            for (long at = from; at < to + 8; at++) {
                pages.set((int) ((1024 + at % capacity) / 4096));
            }

            assertThat(RingPages.bySender(from, to, capacity))
                    .as("%d to %d of %d", from, to, capacity)
                    .isEqualTo(pages.cardinality());
        }
    }
}
