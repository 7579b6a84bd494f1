package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.json.JsonObject;

/** Order keep: the copy goes on while the guest leaves shared memory, and waits for it only when little remains. */
@Tag("once")
class AskedWhileCopyingTest {
    private static final String HELD = "{\"downtime-limit\":0,\"max-bandwidth\":65536}";
    private static final long LITTLE = 20 << 20;
    private static final long STEP = 4 << 20;

    @TempDir
    private Path dir;

    private MigrationScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new MigrationScene(dir);
        scene.source.memory(8 << 20, STEP);
    }

    @AfterEach
    void stop() throws IOException {
        scene.close();
    }

    /** A guest that prepares in its own time, and leaves shared memory when something has happened. */
    private record SlowGuest(MigrationHook guest, Duration preparing, Runnable asked, BooleanSupplier left)
            implements MigrationHook {
        @Override
        public Answer prepare(MigrationNotice notice) {
            LockSupport.parkNanos(preparing.toNanos()); // what a slow processor takes; nothing is waited for
            return guest.prepare(notice);
        }

        @Override
        public Answer finish(String id) {
            asked.run();
            await().atMost(Duration.ofSeconds(20)).until(left::getAsBoolean);
            return guest.finish(id);
        }

        @Override
        public Answer aborted(String id) {
            return guest.aborted(id);
        }

        @Override
        public Answer resumed(String id, String host) {
            return guest.resumed(id, host);
        }
    }

    @Test
    void shouldAskASlowGuestEarlyAndHoldTheCopyOnlyWhenLittleRemains() throws Exception {
        long[] remained = new long[1];
        scene.asked = new SlowGuest(
                scene.guest,
                Duration.ofMillis(400),
                () -> remained[0] = scene.source.remaining(),
                () -> scene.parameters().contains(HELD));

        JsonObject report = scene.run(MigrationMode.KEEP);

        MigrationScene.expect(report, MigrationOutcome.COMPLETED, "");
        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish");
        assertThat(remained[0]).as("when it was asked").isGreaterThan(LITTLE + (32 << 20));
        assertThat(scene.parameters()).containsOnlyOnce(HELD);
        assertThat(scene.source.downtimeMs()).isEqualTo(300);
        assertThat(report.number("heldMs")).isNotNegative();
    }

    @Test
    void shouldNotHoldTheCopyForAGuestThatAnswersInTime() throws Exception {
        long[] looks = new long[1];
        scene.asked = new SlowGuest(
                scene.guest,
                Duration.ofMillis(400),
                () -> {
                    scene.source.memory(8 << 20, 0); // from here on it copies so slowly that the guest is in time
                    looks[0] = looks();
                },
                () -> looks() > looks[0] + 3 && fast());

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        assertThat(scene.parameters()).doesNotContain(HELD);
    }

    @Test
    void shouldGiveUpWhenQemuIsReadyBeforeTheGuestHasLeft() throws Exception {
        scene.asked = new SlowGuest(
                scene.guest, Duration.ZERO, () -> scene.source.become("pre-switchover", ""), this::cancelled);

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "use the order early");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish", "aborted");
        assertThat(scene.source.qemu.commands).doesNotContain("migrate-continue");
    }

    @Test
    void shouldTellTheGuestThatItIsOverAfterItsAnswerWhenItIsInterrupted() throws Exception {
        Thread driver = Thread.currentThread();
        scene.asked = new SlowGuest(scene.guest, Duration.ZERO, driver::interrupt, this::cancelled);

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "interrupted");

        assertThat(Thread.interrupted()).isTrue();
        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish", "aborted");
    }

    private boolean fast() {
        scene.source.memory(8 << 20, STEP);
        return true;
    }

    private long looks() {
        return scene.source.qemu.commands.stream()
                .filter("query-migrate"::equals)
                .count();
    }

    private boolean cancelled() {
        return scene.source.qemu.commands.contains("migrate_cancel");
    }
}
