package org.xenvmc.migration;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.RelocationReport.Outcome;
import org.xenvmc.transport.SwitchReport;

/** One move of a running process, in which this thread plays the hypervisor's part. */
final class Relocation {
    private static final Logger LOG = System.getLogger(Relocation.class.getName());

    private final MigrationHook hook;
    private final MigrationNotice notice;
    private final String fromHost;
    private final Duration delay;
    private final Duration preCopy;
    private final Consumer<RelocationReport> reports;

    private SwitchReport connections;
    private long preCopyNs;
    private long leaveNs;
    private long joinNs;

    Relocation(
            MigrationHook hook,
            MigrationNotice notice,
            String fromHost,
            Duration delay,
            Duration preCopy,
            Consumer<RelocationReport> reports) {
        this.hook = hook;
        this.notice = notice;
        this.fromHost = fromHost;
        this.delay = delay;
        this.preCopy = preCopy;
        this.reports = reports;
    }

    RelocationReport report() {
        return report(Outcome.RUNNING, "");
    }

    private RelocationReport report(Outcome outcome, String error) {
        return new RelocationReport(
                notice.id(),
                outcome,
                notice.mode(),
                fromHost,
                notice.targetHost(),
                connections,
                preCopyNs,
                leaveNs,
                joinNs,
                error);
    }

    /** Moves; reports the end in any case. */
    void run() {
        RelocationReport end = report(Outcome.STRANDED, "the move ended unexpectedly; see the log");
        try {
            end = move();
        } catch (InterruptedException e) {
            end = giveUp("interrupted");
        } finally {
            Level level = end.error().isEmpty() ? Level.DEBUG : Level.WARNING;
            LOG.log(level, "migration {0} to {1}: {2} {3}", end.id(), end.toHost(), end.outcome(), end.error());
            reports.accept(end);
        }
    }

    private RelocationReport move() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(delay.toNanos());
        long startNs = System.nanoTime();
        Answer prepared = hook.prepare(notice);
        if (!prepared.accepted()) {
            return report(Outcome.RETURNED, "not prepared: " + prepared.detail());
        }
        TimeUnit.NANOSECONDS.sleep(preCopy.toNanos()); // a hypervisor would copy memory meanwhile
        preCopyNs = System.nanoTime() - startNs;

        startNs = System.nanoTime();
        Answer finished = hook.finish(notice.id());
        leaveNs = System.nanoTime() - startNs;
        if (!finished.accepted()) {
            return giveUp("not finished: " + finished.detail());
        }
        connections = finished.report();

        startNs = System.nanoTime();
        Answer resumed = hook.resumed(notice.id(), notice.targetHost());
        joinNs = System.nanoTime() - startNs;
        if (!resumed.accepted()) {
            return giveUp("not resumed on " + notice.targetHost() + ": " + resumed.detail());
        }
        return report(Outcome.ARRIVED, "");
    }

    private RelocationReport giveUp(String why) {
        Answer aborted = hook.aborted(notice.id());
        if (aborted.accepted()) {
            return report(Outcome.RETURNED, why);
        }
        return report(Outcome.STRANDED, why + "; and the way back failed: " + aborted.detail());
    }
}
