package org.xenvmc.migration.agent;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.cli.JsonOption;
import org.xenvmc.migration.cli.OrderOption;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.hook.GuestDirectory;
import org.xenvmc.migration.hook.RemoteHook;
import org.xenvmc.migration.journal.Journal;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationOutcome;
import org.xenvmc.migration.qmp.MigrationPlan;
import org.xenvmc.migration.qmp.QemuMachine;
import org.xenvmc.migration.qmp.QemuMigration;
import org.xenvmc.migration.qmp.SharedDevice;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code migrate --qmp}: migrates a QEMU guest. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Migrates a QEMU guest live to another QEMU that waits for it (-incoming), so that its connections go",
            "on: over shared memory while memory is copied (--order keep) or not (--order early), over TCP in",
            "between, over shared memory where it is then. What fails is undone."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the guest runs at the destination, was told so, and no connection was lost",
            "1:it was rolled back, or something is not as it should be; the message says what",
            "2:an option or argument is wrong"
        })
final class QemuMigrateCommand implements Callable<Integer> {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final long ROLL_BACK_S = 60;

    @Spec
    private CommandSpec spec;

    @Option(names = "--qmp", paramLabel = "SOCKET", required = true, description = "Monitor of the guest's QEMU.")
    private Path qmp;

    @Option(
            names = "--to",
            paramLabel = "URI",
            required = true,
            description = "Where the other QEMU waits, in QEMU's words: tcp:HOST:PORT, unix:PATH.")
    private String to;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Guest guest;

    /** Where the guest answers. */
    static final class Guest {
        @Option(
                names = "--control",
                paramLabel = "SOCKET",
                required = true,
                description = "Host's end of the guest's port org.xenvmc.control.")
        private Path control;

        @Option(
                names = "--guests",
                paramLabel = "DIR",
                required = true,
                description = "Directory with control sockets, all of which are told.")
        private Path directory;
    }

    @Option(
            names = "--to-qmp",
            paramLabel = "SOCKET",
            description = "Monitor of the other QEMU, if it is reached from here.")
    private Path toQmp;

    @Option(
            names = "--to-control",
            paramLabel = "SOCKET",
            description = "Host's end of the port there; needed with --to-qmp and --control.")
    private Path toControl;

    @Mixin
    private OrderOption order;

    @ArgGroup(exclusive = false)
    private Device device;

    /** The shared memory device. */
    static final class Device {
        @Option(
                names = "--region",
                paramLabel = "FILE",
                required = true,
                description = "Unplug the guest's ivshmem device before, and plug it with this file afterwards.")
        private Path region;

        @Option(names = "--region-mb", paramLabel = "MB", required = true, description = "Size of the region.")
        private long regionMb;

        @Option(names = "--device", paramLabel = "ID", required = true, description = "Id of the device in QEMU.")
        private String id;

        @Option(names = "--memory", paramLabel = "ID", required = true, description = "Id of its memory in QEMU.")
        private String memory;

        @Option(names = "--bus", paramLabel = "ID", description = "Slot for it, such as a pcie-root-port.")
        private String bus = "";

        SharedDevice toDevice(MigrationMode order) {
            return new SharedDevice(
                    id, memory, region.toAbsolutePath(), regionMb << 20, bus, order == MigrationMode.KEEP);
        }
    }

    @Option(
            names = "--bandwidth-mb",
            paramLabel = "MB",
            description = "Bandwidth per second. Default: what QEMU has set.")
    private long bandwidthMb;

    @Option(
            names = "--downtime-ms",
            paramLabel = "MS",
            description = "QEMU's downtime limit once the guest has answered. Default: ${DEFAULT-VALUE}.")
    private long downtimeMs = MigrationPlan.DOWNTIME_LIMIT_MS;

    @Option(
            names = "--little-mb",
            paramLabel = "MB",
            description =
                    "With --order keep: how little is left to copy when the guest is told. Default: ${DEFAULT-VALUE}.")
    private long littleMb = 32;

    @Mixin
    private TellingOptions telling;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            description = "Give up when the migration takes longer. Default: ${DEFAULT-VALUE}.")
    private long timeoutS = 600;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        if (toQmp != null && guest.control != null && toControl == null) {
            throw wrong("--to-qmp with --control needs --to-control: where does the guest answer there?");
        }
        MigrationPlan plan;
        Optional<SharedDevice> shared;
        try {
            plan = new MigrationPlan(
                    UUID.randomUUID().toString(),
                    to,
                    order.value(),
                    telling.leaveLimit(),
                    bandwidthMb << 20,
                    downtimeMs,
                    littleMb << 20,
                    MigrationPlan.PAPERS_ROUNDS,
                    Duration.ofSeconds(timeoutS));
            shared = Optional.ofNullable(device).map(d -> d.toDevice(order.value()));
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        JsonObject report = carryOut(plan, shared);
        print(report);
        json.write(report);
        boolean whole = report.text("outcome").equals(MigrationOutcome.COMPLETED.name());
        return whole && (!report.has("lost") || report.number("lost") == 0) ? 0 : 1;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private JsonObject carryOut(MigrationPlan plan, Optional<SharedDevice> shared) throws IOException {
        try (Journal writing = telling.openJournal();
                QemuMachine source = QemuMachine.connect(qmp, CONNECT_LIMIT);
                QemuMachine there = toQmp == null ? null : QemuMachine.connect(toQmp, CONNECT_LIMIT);
                Hooks hooks = new Hooks()) {
            JournalWriter writer = writing == null ? null : new JournalWriter(writing);
            QemuMigration migration = new QemuMigration(
                    plan,
                    source,
                    Optional.ofNullable(there).map(m -> new QemuMigration.Destination(m, hooks::there)),
                    shared,
                    hooks.here(),
                    (step, details) -> step(writer, plan.id(), step, details));
            JsonObject report = guarded(migration);
            if (writer != null) {
                writer.write(Events.MIGRATION, report);
            }
            return report;
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private void step(JournalWriter writer, String id, String step, JsonObject details) {
        if (!json.replacesText()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(step + " " + details);
            out.flush();
        }
        if (writer != null) {
            writer.write(Events.STEP, details.put("id", id).put("step", step));
        }
    }

    /** Ctrl-C rolls back, and the process waits for that. */
    private static JsonObject guarded(QemuMigration migration) {
        Thread driver = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        Thread end = new Thread(() -> {
            driver.interrupt();
            try {
                done.await(ROLL_BACK_S, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // by nobody
            }
        });
        Runtime.getRuntime().addShutdownHook(end);
        try {
            return migration.run();
        } finally {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException e) {
                // the process is ending
            }
        }
    }

    /** Hooks of the guest, here and there. */
    private final class Hooks implements AutoCloseable {
        private AutoCloseable here;
        private RemoteHook there;

        MigrationHook here() throws IOException {
            if (guest.control != null) {
                RemoteHook hook = RemoteHook.connect(guest.control, CONNECT_LIMIT);
                here = hook;
                return hook;
            }
            GuestDirectory all = new GuestDirectory(guest.directory, CONNECT_LIMIT);
            here = all;
            return all;
        }

        MigrationHook there() throws IOException {
            if (guest.control == null) {
                return (GuestDirectory) here; // processes do not move with the guest
            }
            there = RemoteHook.connect(toControl, CONNECT_LIMIT);
            return there;
        }

        @Override
        public void close() {
            if (here instanceof RemoteHook hook) {
                hook.close();
            } else if (here instanceof GuestDirectory all) {
                all.close();
            }
            if (there != null) {
                there.close();
            }
        }
    }

    private void print(JsonObject report) throws IOException {
        if (json.replacesText()) {
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        String error = report.text("error");
        out.println(report.text("outcome") + " in " + report.number("wallMs") + " ms"
                + (error.isEmpty() ? "" : ": " + error));
        if (report.has("qemu")) {
            JsonObject q = report.object("qemu");
            out.println("  QEMU: " + q.number("totalMs") + " ms, downtime " + q.number("downtimeMs") + " ms, "
                    + q.number("transferredBytes") / 1_000_000 + " MB, " + q.number("normalPages") + " pages, "
                    + q.number("dirtySyncs") + " rounds");
        }
        out.flush();
    }
}
