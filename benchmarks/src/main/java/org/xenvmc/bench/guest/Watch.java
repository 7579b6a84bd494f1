package org.xenvmc.bench.guest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.qmp.MigrationStatus;
import org.xenvmc.migration.qmp.QemuMachine;

/**
 * Looks at a migration while another thread drives it: how much was sent by when, how many pages the first round had. Where the order
 * of a migration has no limit of rounds, it sees to the one of the settings, so that all cases stop by one rule.
 */
final class Watch {
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long BETWEEN_SAMPLES_MS = 500;
    private static final long END_LIMIT_MS = 30_000;
    private static final int FIRST_ROUND_IS_OVER = 2;

    private final QemuMachine machine;
    private final Settings settings;
    private final boolean limitsRounds;
    private final List<Long> series = new ArrayList<>();
    private final Thread thread;
    private final long startNs = System.nanoTime();
    private volatile boolean over;
    private volatile long firstRoundPages;
    private volatile long firstRoundMs;
    private volatile boolean forced;

    /** Begins to look. */
    Watch(QemuMachine machine, Settings settings, boolean limitsRounds) {
        this.machine = machine;
        this.settings = settings;
        this.limitsRounds = limitsRounds;
        this.thread = new Thread(this::run, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!over) {
                MigrationStatus status = machine.migration();
                note(status);
                if (limitsRounds && !forced && status.dirtySyncs() >= settings.maxRounds()) {
                    force(status);
                }
                LockSupport.parkNanos(LOOK_AGAIN_NS);
            }
        } catch (IOException e) {
            System.getLogger(Watch.class.getName())
                    .log(System.Logger.Level.DEBUG, "the migration is looked at no more", e);
        }
    }

    private void note(MigrationStatus status) {
        if (firstRoundPages == 0 && status.dirtySyncs() >= FIRST_ROUND_IS_OVER) {
            firstRoundPages = status.normalPages();
            firstRoundMs = status.totalMs();
        }
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        long last = series.isEmpty() ? -BETWEEN_SAMPLES_MS : series.get(series.size() - 2);
        if (ms - last >= BETWEEN_SAMPLES_MS && status.transferredBytes() > 0) {
            series.add(ms);
            series.add(status.transferredBytes());
        }
    }

    private void force(MigrationStatus status) throws IOException {
        forced = true;
        long needed = 2 * status.remainingBytes() * 1000 / settings.bytesPerSecond();
        machine.setParameters(settings.bytesPerSecond(), Math.max(settings.downtimeLimitMs(), needed));
    }

    /** Pages with content that the first round sent; 0 when none was seen to end. */
    long firstRoundPages() {
        return firstRoundPages;
    }

    /** How long it took, from the beginning of the migration; 0 when none was seen to end. */
    long firstRoundMs() {
        return firstRoundMs;
    }

    /** Whether this stopped the guest because of too many rounds. */
    boolean forced() {
        return forced;
    }

    /** Milliseconds and bytes, in turn; complete once this has ended. */
    List<Long> series() {
        return series;
    }

    /** Looks no more; returns when the thread that did has ended. */
    void end() {
        over = true;
        try {
            thread.join(END_LIMIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
