package org.xenvmc.bench.guest;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.cost.DirtyModel;
import org.xenvmc.migration.cost.PreCopy;
import org.xenvmc.migration.cost.PreCopyEstimate;
import org.xenvmc.migration.cost.StopRule;

/**
 * What the estimator of pre-copy says of a case, from what is known of the guest: its pages with content and the bandwidth that the
 * first round had, the working set, the rate at which it received, and what the idle guest dirties. And how far QEMU's report is from
 * that.
 *
 * @param pages pages sent, estimated; NaN when it would never end
 * @param totalMs total time, estimated; NaN when it would never end
 * @param pagesRatio estimated by reported
 * @param totalRatio estimated by reported
 */
record Prediction(double pages, double totalMs, double pagesRatio, double totalRatio) {
    private static final double MS_PER_S = 1e3;
    private static final double NS_PER_MS = 1e6;
    private static final double TOLERANCE = 0.15;

    /**
     * The estimate for a case.
     *
     * @param idle the idle guest with as much memory in use
     * @return nothing where no model fits: the guest received for a part of the migration only, or QEMU did not say how many pages it
     *     has
     */
    static Optional<Prediction> of(Summary summary, Summary idle) {
        double memory = summary.median(CaseRun.FIRST_ROUND_PAGES);
        double firstRoundMs = summary.median(CaseRun.FIRST_ROUND_MS);
        boolean partly = summary.median(CaseRun.MAILS_MS) < summary.median(CaseRun.TOTAL_MS);
        if (!(memory > 0) || !(firstRoundMs > 0) || partly) {
            return Optional.empty();
        }
        StopRule rule = new StopRule(
                (int) org.xenvmc.migration.qmp.MigrationPlan.PAPERS_ROUNDS, 0, TimeUnit.MILLISECONDS.toNanos((long)
                        summary.median(CaseRun.DOWNTIME_LIMIT_MS)));
        PreCopyEstimate e = new PreCopy(
                        (long) memory,
                        PreCopy.QEMU_BYTES_PER_PAGE,
                        (long) (memory * PreCopy.QEMU_BYTES_PER_PAGE * MS_PER_S / firstRoundMs),
                        rule,
                        0)
                .estimate(model(summary, idle));
        double pages = e.pagesSent().isPresent() ? e.pagesSent().getAsLong() : Double.NaN;
        double ms = e.totalNs().isPresent() ? e.totalNs().getAsLong() / NS_PER_MS : Double.NaN;
        return Optional.of(new Prediction(
                pages, ms, pages / summary.median(CaseRun.PAGES), ms / summary.median(CaseRun.TOTAL_MS)));
    }

    private static DirtyModel model(Summary summary, Summary idle) {
        Scenario s = summary.scenario();
        if (s.way() == Way.IDLE) {
            return DirtyModel.idle(); // what it dirties by itself is what this case finds out
        }
        DirtyModel background = background(idle);
        if (s.way() == Way.PLACE) {
            return background;
        }
        long rate = (long) (summary.median(CaseRun.RECEIVED_PER_SECOND) / PreCopy.PAGE_BYTES);
        return DirtyModel.workingSet(s.workingSetBytes() / PreCopy.PAGE_BYTES, rate)
                .plus(background);
    }

    /** Kernel and JVM write a certain set of pages again and again: within the idle guest's first round what it sent after that. */
    private static DirtyModel background(Summary idle) {
        if (idle == null) {
            return DirtyModel.idle();
        }
        double again = idle.median(CaseRun.PAGES) - idle.median(CaseRun.FIRST_ROUND_PAGES);
        double firstRoundS = idle.median(CaseRun.FIRST_ROUND_MS) / MS_PER_S;
        return again <= 0 || !(firstRoundS > 0)
                ? DirtyModel.idle()
                : DirtyModel.workingSet((long) again, (long) Math.ceil(again / firstRoundS));
    }

    boolean within() {
        return Math.abs(pagesRatio - 1) <= TOLERANCE && Math.abs(totalRatio - 1) <= TOLERANCE;
    }
}
