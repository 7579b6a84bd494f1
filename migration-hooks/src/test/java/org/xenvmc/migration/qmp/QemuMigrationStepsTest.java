package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.qmp.ScriptedQemu.Refusal;

/**
 * When the guest is asked to leave shared memory, and failures at the steps that {@link QemuMigrationTest} leaves out.
 */
@Tag("once")
class QemuMigrationStepsTest {
    @TempDir
    private Path dir;

    private MigrationScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new MigrationScene(dir);
    }

    @AfterEach
    void stop() throws IOException {
        scene.close();
    }

    @Test
    void shouldAskAnIdleGuestBeforeQemuIsThrough() throws Exception {
        scene.source.memory(0, 200 << 20); // after the third look nothing is left that could hold QEMU back

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish");
        scene.there.await("resumed null");
        assertThat(scene.steps.indexOf("finish")).isLessThan(scene.steps.indexOf("continue"));
    }

    @Test
    void shouldBeginSlowlyWithASmallGuestUntilItWasSeenHowQuicklyItsMemoryBecomesLess() throws Exception {
        scene.source.small(64 << 20);
        scene.source.memory(8 << 20, 32 << 20);

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        assertThat(scene.parameters().get(0)).isEqualTo("{\"downtime-limit\":0,\"max-bandwidth\":184320}");
        assertThat(scene.parameters())
                .endsWith(
                        "{\"downtime-limit\":0,\"max-bandwidth\":33554432}",
                        "{\"downtime-limit\":0,\"max-bandwidth\":65536}",
                        "{\"downtime-limit\":300,\"max-bandwidth\":33554432}");
    }

    @Test
    void shouldAskASmallGuestAtOnceWhenItsMemoryIsMostlyZero() throws Exception {
        scene.source.small(64 << 20);
        scene.source.memory(0, 40L << 30); // 220 MB a look although it is slow

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        assertThat(scene.parameters().get(1))
                .as("never at full speed")
                .isEqualTo("{\"downtime-limit\":0,\"max-bandwidth\":65536}");
    }

    /** The paper's rule: after 29 rounds the guest is stopped and what remains is sent, however long that takes. */
    @Test
    void shouldForceTheEndAfterTheRoundsOfThePaperWhenTheGuestDirtiesTooMuch() throws Exception {
        scene.source.memory(500 << 20, 4 << 20);

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish");
        assertThat(scene.steps.stream().filter("pass"::equals)).hasSize((int) MigrationPlan.PAPERS_ROUNDS);
        long needed = (500L << 20) * 1000 / (32 << 20);
        assertThat(scene.source.downtimeMs()).isBetween(needed, 2 * needed + 1);
        assertThat(scene.parameters().get(0)).contains("\"downtime-limit\":0");
    }

    @Test
    void shouldGoBackWhenTheDeviceCannotBeUnplugged() throws Exception {
        scene.source.qemu.on("device_del", a -> {
            throw new Refusal("Device 'ivs0' is in the process of unplug");
        });
        scene.source.qemu.on("object-add", a -> {
            throw new Refusal("attempt to add duplicate property 'm0' to object (type 'container')");
        });

        MigrationScene.expect(scene.run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK_ON_TCP, "process of unplug");

        scene.guest.await(MigrationScene.PREPARE_EARLY, "finish", "aborted");
        assertThat(scene.source.qemu.commands).noneMatch(c -> c.startsWith("migrate"));
    }

    @Test
    void shouldPutTheDeviceBackWhenQemuRefusesTheSettings() throws Exception {
        scene.source.qemu.on("migrate-set-capabilities", a -> {
            throw new Refusal("There's a migration process in progress");
        });

        MigrationScene.expect(scene.run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK, "in progress");

        scene.guest.await(MigrationScene.PREPARE_EARLY, "finish", "aborted");
        assertThat(MigrationScene.plugs(scene.source))
                .containsExactly(MigrationScene.DEL, MigrationScene.OBJECT_DEL, "memory", "plug");
        assertThat(scene.source.qemu.commands).doesNotContain("migrate_cancel");
    }

    @Test
    void shouldGoBackToSharedMemoryWhenTheCopyFailsBeforeTheGuestWasAsked() throws Exception {
        scene.source.qemu.on("migrate", a -> {
            scene.source.become("failed", "Unable to write to socket: Connection reset by peer");
            return null;
        });

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "Connection reset");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "aborted");
        assertThat(MigrationScene.plugs(scene.source)).isEmpty();
        assertThat(scene.source.downtimeMs()).isEqualTo(300);
    }

    @Test
    void shouldGoBackToSharedMemoryWhenTheCopyFailsAfterTheGuestHasLeftIt() throws Exception {
        scene.source.qemu.on("migrate-continue", a -> {
            scene.source.become("failed", "Unable to write to socket: Broken pipe");
            return null;
        });

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "Broken pipe");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish", "aborted");
        assertThat(scene.there.calls).isEmpty();
        assertThat(scene.source.downtimeMs()).isEqualTo(300);
    }

    @Test
    void shouldSayThatTheGuestIsOnTcpWhenTheCopiedDeviceCannotBeExchangedThere() throws Exception {
        scene.destination.qemu.on("object-add", a -> {
            throw new Refusal("can't open backing store /dev/shm/region for guest RAM: Permission denied");
        });

        MigrationScene.expect(scene.run(MigrationMode.KEEP), MigrationOutcome.COMPLETED_ON_TCP, "Permission denied");

        scene.guest.await(MigrationScene.PREPARE_KEEP, "finish");
        assertThat(MigrationScene.plugs(scene.destination))
                .containsExactly(MigrationScene.DEL, MigrationScene.OBJECT_DEL, "memory");
        assertThat(scene.there.calls).isEmpty();
    }
}
