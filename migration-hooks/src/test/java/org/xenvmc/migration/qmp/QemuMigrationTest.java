package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.hook.RecordingHook;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.QemuMigration.Destination;
import org.xenvmc.migration.qmp.ScriptedQemu.Refusal;

/** Both orders from their beginning to their end, and a failure at every step. */
@Tag("once")
class QemuMigrationTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String DEL = "device_del {\"id\":\"ivs0\"}";
    private static final String OBJECT_DEL = "object-del {\"id\":\"m0\"}";
    private static final String PREPARE_EARLY = "prepare EARLY 20000 null";
    private static final String PREPARE_KEEP = "prepare KEEP 20000 null";

    @TempDir
    private Path dir;

    private final RecordingHook guest = new RecordingHook();
    private final RecordingHook there = new RecordingHook();
    private final List<String> steps = new ArrayList<>();
    private MigrationHook answering = there;
    private ScriptedMigration source;
    private ScriptedMigration destination;

    @BeforeEach
    void start() throws IOException {
        source = new ScriptedMigration(dir.resolve("a"));
        destination = new ScriptedMigration(dir.resolve("b"));
    }

    @AfterEach
    void stop() throws IOException {
        source.close();
        destination.close();
    }

    private JsonObject run(MigrationMode order) throws Exception {
        return run(order, 32 << 20, 20 << 20);
    }

    private JsonObject run(MigrationMode order, long bytesPerSecond, long littleBytes) throws Exception {
        MigrationPlan plan = new MigrationPlan(
                "m1",
                "unix:/there",
                order,
                LIMIT,
                bytesPerSecond,
                300,
                littleBytes,
                MigrationPlan.PAPERS_ROUNDS,
                LIMIT);
        SharedDevice device = new SharedDevice(
                "ivs0", "m0", Path.of("/dev/shm/region"), 16 << 20, "rp0", order == MigrationMode.KEEP);
        try (QemuMachine a = QemuMachine.connect(source.qemu.path(), LIMIT);
                QemuMachine b = QemuMachine.connect(destination.qemu.path(), LIMIT)) {
            return new QemuMigration(
                            plan,
                            a,
                            Optional.of(new Destination(b, () -> answering)),
                            Optional.of(device),
                            guest,
                            (step, details) -> steps.add(step))
                    .run();
        }
    }

    private static List<String> plugs(ScriptedMigration machine) {
        return machine.qemu.commands.stream()
                .filter(c -> c.startsWith("device_") || c.startsWith("object-"))
                .map(c -> c.startsWith("device_add") ? "plug" : c.startsWith("object-add") ? "memory" : c)
                .toList();
    }

    private static void expect(JsonObject report, MigrationOutcome outcome, String error) throws IOException {
        assertThat(report.text("outcome")).as("%s", report).isEqualTo(outcome.name());
        assertThat(report.text("error")).contains(error);
    }

    @Test
    void shouldLeaveSharedMemoryFirstInTheOrderEarly() throws Exception {
        JsonObject report = run(MigrationMode.EARLY);

        expect(report, MigrationOutcome.COMPLETED, "");
        guest.await(PREPARE_EARLY, "finish");
        there.await("resumed null");
        assertThat(steps)
                .containsExactly(
                        "prepare", "finish", "detach", "migrate", "continue", "completed", "attach", "resumed");
        assertThat(plugs(source)).containsExactly(DEL, OBJECT_DEL);
        assertThat(plugs(destination)).containsExactly("memory", "plug");
        assertThat(destination.qemu.commands)
                .contains("device_add {\"driver\":\"ivshmem-plain\",\"id\":\"ivs0\",\"memdev\":\"m0\","
                        + "\"master\":\"off\",\"bus\":\"rp0\"}");
        assertThat(report.object("qemu").number("downtimeMs")).isEqualTo(56);
        assertThat(report.number("moved")).isEqualTo(2);
        assertThat(source.downtimeMs()).isEqualTo(300);
    }

    @Test
    void shouldStayOnSharedMemoryUntilLittleRemainsInTheOrderKeep() throws Exception {
        JsonObject report = run(MigrationMode.KEEP);

        expect(report, MigrationOutcome.COMPLETED, "");
        guest.await(PREPARE_KEEP, "finish");
        there.await("resumed null");
        assertThat(steps).startsWith("prepare", "migrate", "pass");
        assertThat(steps).endsWith("finish", "release", "continue", "completed", "attach", "resumed");
        assertThat(plugs(source)).isEmpty();
        assertThat(plugs(destination)).containsExactly(DEL, OBJECT_DEL, "memory", "plug");
        List<String> parameters = source.qemu.commands.stream()
                .filter(c -> c.startsWith("migrate-set-parameters"))
                .toList();
        assertThat(parameters.get(0)).contains("\"downtime-limit\":0,");
        assertThat(parameters.get(1)).contains("\"downtime-limit\":0,\"max-bandwidth\":65536");
        assertThat(parameters.get(2)).contains("\"downtime-limit\":300,");
    }

    @Test
    void shouldNotBeginWhenTheGuestRefusesToPrepare() throws Exception {
        guest.refused.add("prepare");

        expect(run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK, "I will not prepare");

        guest.await(PREPARE_EARLY + " (refused)");
        assertThat(source.qemu.commands).containsExactly("qmp_capabilities");
    }

    @Test
    void shouldGoBackWhenTheGuestRefusesToFinishBeforeTheCopy() throws Exception {
        guest.refused.add("finish");

        expect(run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK, "I will not finish");

        guest.await(PREPARE_EARLY, "finish (refused)", "aborted");
        assertThat(source.qemu.commands).containsExactly("qmp_capabilities");
    }

    @Test
    void shouldCancelWhenTheGuestRefusesToFinishDuringTheCopy() throws Exception {
        guest.refused.add("finish");

        expect(run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "I will not finish");

        guest.await(PREPARE_KEEP, "finish (refused)", "aborted");
        assertThat(source.qemu.commands).contains("migrate_cancel").doesNotContain("migrate-continue");
        assertThat(source.downtimeMs()).isEqualTo(300);
    }

    @Test
    void shouldPutTheDeviceBackWhenTheGuestDoesNotLetItGoEntirely() throws Exception {
        source.qemu.on("object-del", a -> {
            throw new Refusal("object 'm0' is in use, can not be deleted");
        });
        source.qemu.on("object-add", a -> {
            throw new Refusal("attempt to add duplicate property 'm0' to object (type 'container')");
        });

        expect(run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK_ON_TCP, "is in use");

        guest.await(PREPARE_EARLY, "finish", "aborted");
        assertThat(steps).endsWith("failed", "re-attach", "aborted");
    }

    @Test
    void shouldPutTheDeviceBackWhenQemuRefusesToMigrate() throws Exception {
        source.qemu.on("migrate", a -> {
            throw new Refusal("State blocked by non-migratable device");
        });

        expect(run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK, "State blocked");

        guest.await(PREPARE_EARLY, "finish", "aborted");
        assertThat(plugs(source)).containsExactly(DEL, OBJECT_DEL, "memory", "plug");
        assertThat(steps).endsWith("failed", "restore", "re-attach", "aborted");
    }

    @Test
    void shouldNotTouchAMigrationOfSomebodyElse() throws Exception {
        source.become("active", "");

        expect(run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "somebody else");

        guest.await(PREPARE_KEEP, "aborted");
        assertThat(source.qemu.commands).containsExactly("qmp_capabilities", "query-migrate");
    }

    @Test
    void shouldPutEverythingBackWhenTheCopyFails() throws Exception {
        source.qemu.on("migrate-continue", a -> {
            source.become("failed", "Unable to write to socket: Broken pipe");
            return null;
        });

        expect(run(MigrationMode.EARLY), MigrationOutcome.ROLLED_BACK, "Broken pipe");

        guest.await(PREPARE_EARLY, "finish", "aborted");
        assertThat(plugs(source)).containsExactly(DEL, OBJECT_DEL, "memory", "plug");
        assertThat(there.calls).isEmpty();
    }

    @Test
    void shouldGiveUpWhenQemuIsReadyBeforeTheGuestWasAsked() throws Exception {
        source.qemu.on("migrate", a -> {
            source.become("pre-switchover", "");
            return null;
        });

        expect(run(MigrationMode.KEEP), MigrationOutcome.ROLLED_BACK, "use the order early");

        guest.await(PREPARE_KEEP, "aborted");
        assertThat(source.qemu.commands).contains("migrate_cancel").doesNotContain("migrate-continue");
    }

    @Test
    void shouldRollBackWhenItIsInterrupted() throws Exception {
        source.qemu.on("migrate", a -> {
            source.become("setup", "");
            return null;
        });
        source.qemu.on("migrate_cancel", a -> {
            source.become("cancelled", "");
            return null;
        });
        JsonObject[] report = new JsonObject[1];
        Thread driver = new Thread(() -> {
            try {
                report[0] = run(MigrationMode.EARLY);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        driver.start();
        org.awaitility.Awaitility.await()
                .until(() -> source.qemu.commands.stream().anyMatch(c -> c.startsWith("migrate {")));
        driver.interrupt();
        driver.join();

        expect(report[0], MigrationOutcome.ROLLED_BACK, "interrupted");
        guest.await(PREPARE_EARLY, "finish", "aborted");
        assertThat(plugs(source)).containsExactly(DEL, OBJECT_DEL, "memory", "plug");
    }

    @Test
    void shouldSayThatTheGuestIsOnTcpWhenTheDeviceCannotBePluggedThere() throws Exception {
        destination.qemu.on("device_add", a -> {
            throw new Refusal("Bus 'rp0' not found");
        });

        expect(run(MigrationMode.EARLY), MigrationOutcome.COMPLETED_ON_TCP, "Bus 'rp0' not found");

        guest.await(PREPARE_EARLY, "finish");
        assertThat(plugs(destination)).containsExactly("memory", "plug", OBJECT_DEL);
        assertThat(there.calls).isEmpty();
    }

    @Test
    void shouldSayThatTheGuestCouldNotBeToldThere() throws Exception {
        there.refused.add("resumed");

        expect(run(MigrationMode.EARLY), MigrationOutcome.COMPLETED_ON_TCP, "I will not resumed");
    }

    /** Else the destination ends with "RAMBlock already registered, abort!". */
    @Test
    void shouldPlugNothingUntilQemuHasGivenUpTheOldMemory() throws Exception {
        expect(run(MigrationMode.KEEP), MigrationOutcome.COMPLETED, "");

        List<String> names = destination.qemu.commands.stream()
                .map(c -> c.split(" ", 2)[0])
                .filter(c -> c.contains("object") || c.contains("device") || c.contains("ramblock"))
                .toList();
        assertThat(names)
                .containsExactly(
                        "device_del",
                        "object-del",
                        "x-query-ramblock",
                        "x-query-ramblock",
                        "x-query-ramblock",
                        "x-query-ramblock",
                        "object-add",
                        "device_add");
    }

    /** Plugging takes the guest a moment, too. */
    @Test
    void shouldTellTheGuestAgainWhenItDoesNotSeeTheDeviceYet() throws Exception {
        AtomicInteger early = new AtomicInteger(3);
        answering = new NotYet(there, early);

        expect(run(MigrationMode.EARLY), MigrationOutcome.COMPLETED, "");
        assertThat(early).hasNegativeValue();
        there.await("resumed null");
    }

    private record NotYet(MigrationHook later, AtomicInteger early) implements MigrationHook {
        @Override
        public Answer prepare(MigrationNotice notice) {
            return later.prepare(notice);
        }

        @Override
        public Answer finish(String id) {
            return later.finish(id);
        }

        @Override
        public Answer aborted(String id) {
            return later.aborted(id);
        }

        @Override
        public Answer resumed(String id, String host) {
            return early.getAndDecrement() > 0
                    ? new Answer(false, MigrationPhase.AWAY, null, "no device")
                    : later.resumed(id, host);
        }
    }

    @Test
    void shouldAskTheGuestInTimeWhenHardlyAnyOfItsMemoryIsDirty() throws Exception {
        JsonObject report = run(MigrationMode.KEEP, 128 << 20, 1); // an eighth of a second for what remains

        expect(report, MigrationOutcome.COMPLETED, "");
        assertThat(steps.stream().filter("pass"::equals)).hasSizeLessThan(3);
        assertThat(source.downtimeMs()).isEqualTo(300);
    }

    @Test
    void shouldHoldBackAQemuWithoutALimitOfBandwidth() throws Exception {
        source.unlimited();

        expect(run(MigrationMode.KEEP, 0, 20 << 20), MigrationOutcome.COMPLETED, "");

        guest.await(PREPARE_KEEP, "finish");
    }

    @Test
    void shouldStopTheGuestAfterThePapersRoundsWhenItWasAskedBeforeAndDirtiesFasterThanItIsCopied() throws Exception {
        JsonObject report = run(MigrationMode.KEEP, 1 << 20, 1);

        expect(report, MigrationOutcome.COMPLETED, "");
        assertThat(steps.stream().filter("release"::equals)).hasSize(2);
        assertThat(source.downtimeMs()).isEqualTo(16_000); // twice the 8 MiB that remain, at 1 MiB a second
        guest.await(PREPARE_KEEP, "finish");
    }

    @Test
    void shouldNotUndoAMigrationThatCannotBeCancelledAnyMore() throws Exception {
        source.qemu.on("migrate-continue", a -> {
            source.become("completed", "");
            throw new Refusal("Migration not in expected state: 8");
        });

        expect(run(MigrationMode.EARLY), MigrationOutcome.COMPLETED_ON_TCP, "not in expected state");

        guest.await(PREPARE_EARLY, "finish");
        assertThat(plugs(source)).containsExactly(DEL, OBJECT_DEL);
    }

    @Test
    void shouldNotLeaveAnythingToQemuThatItRefuses() {
        SharedDevice blocking = new SharedDevice("ivs0", "m0", Path.of("/r"), 1 << 20, "", false);
        MigrationPlan keep = new MigrationPlan("m1", "unix:/x", MigrationMode.KEEP, LIMIT, 0, 300, 1 << 20, 29, LIMIT);

        assertThatThrownBy(() -> new QemuMigration(
                        keep, null, Optional.empty(), Optional.of(blocking), guest, (step, details) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("master=off");
        assertThatThrownBy(() -> new SharedDevice("ivs0", "m0", Path.of("/r"), 3 << 20, "", false))
                .hasMessageContaining("power of two");
    }
}
