package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.hook.RecordingHook;
import org.xenvmc.migration.json.JsonObject;

/** Two real QEMUs with an empty guest that stays in its firmware: enough for every command but a guest's own. */
@Tag("once")
class RealQemuTest {
    private static final String QEMU = "qemu-system-x86_64";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path dir;

    private final List<Process> processes = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private final RecordingHook guest = new RecordingHook();

    @BeforeEach
    void lookForQemu() {
        boolean found = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
                .anyMatch(p -> Files.isExecutable(Path.of(p, QEMU)));
        assumeTrue(found, QEMU + " is missing; install it (Debian: apt-get install qemu-system-x86) to run this test");
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process p : processes) {
            p.destroyForcibly();
            assertThat(p.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private QemuMachine qemu(String name, String... more) throws IOException {
        Path socket = dir.resolve(name + ".qmp");
        List<String> command = new ArrayList<>(
                List.of(QEMU, "-accel", "tcg", "-machine", "q35", "-m", "65560k", "-nodefaults", "-display", "none"));
        command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
        command.addAll(List.of(more));
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile())
                .start());
        return QemuMachine.connect(socket, LIMIT);
    }

    private MigrationPlan plan(MigrationMode order, long bytesPerSecond) {
        return plan(order, bytesPerSecond, 48 << 20);
    }

    private MigrationPlan plan(MigrationMode order, long bytesPerSecond, long littleBytes) {
        return new MigrationPlan(
                "m1",
                "unix:" + dir.resolve("migration"),
                order,
                Duration.ofSeconds(2),
                bytesPerSecond,
                300,
                littleBytes,
                MigrationPlan.PAPERS_ROUNDS,
                LIMIT);
    }

    private JsonObject migrate(QemuMachine source, QemuMachine destination, MigrationPlan plan) {
        RecordingHook there = new RecordingHook();
        return new QemuMigration(
                        plan,
                        source,
                        Optional.of(new QemuMigration.Destination(destination, () -> there)),
                        Optional.empty(),
                        guest,
                        (step, details) -> steps.add(step))
                .run();
    }

    @Test
    void shouldMigrateARunningGuestInTheOrderEarly() throws Exception {
        try (QemuMachine a = qemu("a");
                QemuMachine b = qemu("b", "-incoming", "unix:" + dir.resolve("migration"))) {
            assertThat(a.qmp().version()).matches("\\d+\\.\\d+\\.\\d+");
            assertThat(b.runState()).isEqualTo("inmigrate");

            JsonObject report = migrate(a, b, plan(MigrationMode.EARLY, 0));

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("COMPLETED");
            assertThat(a.runState()).isEqualTo("postmigrate");
            assertThat(b.runState()).isEqualTo("running");
            assertThat(report.object("qemu").number("totalBytes")).isGreaterThan(65_560 * 1024);
            guest.await("prepare EARLY 2000 null", "finish");
        }
    }

    @Test
    void shouldCancelAndLeaveTheGuestRunningWhenItRefuses() throws Exception {
        guest.refused.add("finish");
        try (QemuMachine a = qemu("a");
                QemuMachine b = qemu("b", "-incoming", "unix:" + dir.resolve("migration"))) {
            // so slow that the empty guest's memory is not copied before somebody looks
            JsonObject report = migrate(a, b, plan(MigrationMode.KEEP, 100 * 1024));

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("ROLLED_BACK");
            assertThat(a.runState()).isEqualTo("running");
            assertThat(a.migration().status()).isEqualTo("cancelled");
            guest.await("prepare KEEP 2000 null", "finish (refused)", "aborted");
            assertThat(a.parameters()).isEqualTo(new QemuMachine.Parameters(128 << 20, 300)); // QEMU's own defaults
        }
    }

    @Test
    void shouldHoldBackUntilTheGuestHasAnsweredInTheOrderKeep() throws Exception {
        try (QemuMachine a = qemu("a");
                QemuMachine b = qemu("b", "-incoming", "unix:" + dir.resolve("migration"))) {
            MigrationPlan slow = plan(MigrationMode.KEEP, 200 * 1024);

            JsonObject report = migrate(a, b, slow);

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("COMPLETED");
            assertThat(b.runState()).isEqualTo("running");
            assertThat(steps.indexOf("finish")).isBetween(steps.indexOf("migrate"), steps.indexOf("completed"));
            guest.await("prepare KEEP 2000 null", "finish");
        }
    }

    /** Nearly all of its memory is zero, and it dirties none: QEMU could be through in a few milliseconds. */
    @Test
    void shouldAskAnIdleGuestInTimeInTheOrderKeep() throws Exception {
        try (QemuMachine a = qemu("a");
                QemuMachine b = qemu("b", "-incoming", "unix:" + dir.resolve("migration"))) {
            JsonObject report = migrate(a, b, plan(MigrationMode.KEEP, 1 << 30, 1 << 20));

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("COMPLETED");
            assertThat(b.runState()).isEqualTo("running");
            guest.await("prepare KEEP 2000 null", "finish");
        }
    }

    @Test
    void shouldSayWhyQemuDoesNotMigrateAndPlugTheDeviceAgain() throws Exception {
        try (QemuMachine a = qemu("a", "-device", "pcie-root-port,id=rp0,chassis=1,slot=1")) {
            SharedDevice device = new SharedDevice("ivs0", "m0", dir.resolve("region"), 1 << 20, "rp0", false);
            device.attach(a);
            assertThatThrownBy(() -> a.migrate("unix:" + dir.resolve("nobody")))
                    .isInstanceOf(QmpException.class)
                    .hasMessageContaining("ivshmem");
            assertThatThrownBy(() -> device.attach(a)).hasMessageContaining("object-add");
            assertThatThrownBy(() -> a.deleteObject("m0")).hasMessageContaining("in use");
            assertThat(a.runState()).isEqualTo("running");
        }
    }

    @Test
    void shouldGoBackWhenNobodyIsThere() throws Exception {
        try (QemuMachine a = qemu("a")) {
            JsonObject report = migrate(a, a, plan(MigrationMode.EARLY, 0));

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("ROLLED_BACK");
            assertThat(report.text("error")).isNotEmpty();
            assertThat(a.runState()).isEqualTo("running");
            guest.await("prepare EARLY 2000 null", "finish", "aborted");
        }
    }
}
