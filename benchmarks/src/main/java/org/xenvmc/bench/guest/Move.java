package org.xenvmc.bench.guest;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationOutcome;
import org.xenvmc.migration.qmp.MigrationPlan;
import org.xenvmc.migration.qmp.MigrationStatus;
import org.xenvmc.migration.qmp.MigrationSteps;
import org.xenvmc.migration.qmp.QemuMigration;
import org.xenvmc.migration.vm.Guest;
import org.xenvmc.migration.vm.GuestMove;

/** Migrates VM1 to another process, which stands for another host, and says what QEMU reports of it. */
final class Move {
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(20);
    private static final long TOTALS_COME_NS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Scenario scenario;
    private final Settings settings;
    private final Guest source;
    private final Guest there;
    private final Driver driver;
    private List<Long> series = List.of();

    /** Drives a migration and returns its report. */
    @FunctionalInterface
    private interface Driver {
        JsonObject run(MigrationSteps steps) throws IOException;
    }

    /** What comes before the migration can begin: the process at the destination. */
    Move(Scene scene, Scenario scenario, Settings settings) throws IOException {
        this.scenario = scenario;
        this.settings = settings;
        this.source = scene.first();
        if (scenario.way().library()) {
            GuestMove move = scene.move((id, uri) -> plan(uri));
            there = move.destination();
            driver = move::run;
        } else {
            String uri = scene.incoming();
            there = scene.plainDestination(uri);
            driver = steps -> new QemuMigration(
                            plan(uri), source.machine(), Optional.empty(), Optional.empty(), new Nobody(), steps)
                    .run();
        }
    }

    /** A guest without the library has nothing to do in a migration. */
    private static final class Nobody implements MigrationHook {
        private static final Answer YES = new Answer(true, null, null, "");

        @Override
        public Answer prepare(MigrationNotice notice) {
            return YES;
        }

        @Override
        public Answer finish(String migrationId) {
            return YES;
        }

        @Override
        public Answer aborted(String migrationId) {
            return YES;
        }

        @Override
        public Answer resumed(String migrationId, String newHost) {
            return YES;
        }
    }

    private MigrationPlan plan(String uri) {
        return new MigrationPlan(
                scenario.id(),
                uri,
                scenario.way().keeps() ? MigrationMode.KEEP : MigrationMode.EARLY,
                LEAVE_LIMIT,
                settings.bytesPerSecond(),
                settings.downtimeLimitMs(),
                settings.littleBytes(),
                settings.maxRounds(),
                settings.overall());
    }

    /**
     * Migrates.
     *
     * @param figures gets what is found
     * @return the guest where it runs now
     * @throws IOException when it did not get there
     */
    GuestLine run(Map<String, Double> figures) throws IOException {
        Watch watch = new Watch(source.machine(), settings, !scenario.way().keeps());
        JsonObject report;
        try {
            report = driver.run((step, details) -> release(step, details, figures));
        } finally {
            watch.end();
        }
        series = watch.series();
        figures.put(CaseRun.FIRST_ROUND_PAGES, (double) watch.firstRoundPages());
        figures.put(CaseRun.FIRST_ROUND_MS, (double) watch.firstRoundMs());
        if (watch.forced()) {
            figures.put(CaseRun.FORCED, 1.0);
        }
        note(report, figures);
        source.close();
        return new GuestLine(there);
    }

    /** A downtime limit beyond the one that was asked for means that the limit of rounds was reached. */
    private void release(String step, JsonObject details, Map<String, Double> figures) {
        try {
            if (step.equals("release") && details.number("downtimeLimitMs") > settings.downtimeLimitMs()) {
                figures.put(CaseRun.FORCED, 1.0);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void note(JsonObject report, Map<String, Double> figures) throws IOException {
        // on TCP at the destination is as good here: nobody is co-resident there
        if (!report.text("outcome").startsWith(MigrationOutcome.COMPLETED.name())) {
            throw new IOException(report.text("outcome") + ": " + report.text("error"));
        }
        MigrationStatus status = totals();
        figures.put(CaseRun.TOTAL_MS, (double) status.totalMs());
        figures.put(CaseRun.DOWNTIME_MS, (double) status.downtimeMs());
        figures.put(CaseRun.PAGES, (double) status.normalPages());
        figures.put(CaseRun.ZERO_PAGES, (double) status.duplicatePages());
        figures.put(CaseRun.ROUNDS, (double) status.dirtySyncs());
        figures.put(CaseRun.SENT_BYTES, (double) status.transferredBytes());
        put(figures, CaseRun.PREPARE_MS, report, "prepareMs");
        put(figures, CaseRun.LEAVE_MS, report, "finishMs");
        figures.put(CaseRun.BANDWIDTH, (double) settings.bytesPerSecond());
        figures.put(CaseRun.DOWNTIME_LIMIT_MS, (double) settings.downtimeLimitMs());
    }

    /** QEMU says that a migration has completed a moment before it knows how long that took. */
    private MigrationStatus totals() throws IOException {
        long startNs = System.nanoTime();
        MigrationStatus status;
        do {
            LockSupport.parkNanos(TOTALS_COME_NS);
            status = source.machine().migration();
        } while (status.totalMs() == 0 && System.nanoTime() - startNs < LEAVE_LIMIT.toNanos());
        if (status.totalMs() == 0) {
            throw new IOException("QEMU does not say how long the migration took: " + status);
        }
        return status;
    }

    private static void put(Map<String, Double> figures, String name, JsonObject from, String member)
            throws IOException {
        figures.put(name, from.decimal(member));
    }

    /** Milliseconds and bytes sent by then, in turn. */
    List<Long> series() {
        return series;
    }
}
