package org.xenvmc.transport;

import java.util.concurrent.TimeUnit;

/**
 * Decides how long a selector looks for signals before it sleeps. It learns from its own sleeps: without signals from
 * shared memory (a selector whose connections are all on TCP) it never spins. Used by one thread at a time.
 */
final class AdaptiveSpin {
    private static final long SHORTEST_NS = 1_000;

    /** What waking up costs: a sleep of so much more than the limit would have been saved by spinning. */
    private static final long WAKE_UP_NS = TimeUnit.MICROSECONDS.toNanos(50);

    private final boolean endless;
    private final long longestNs;
    private long limitNs;

    AdaptiveSpin(WaitStrategy strategy, long longestNs, int processors) {
        // with one processor the spinning thread would keep its peer from running
        boolean allowed = processors > 1 && strategy != WaitStrategy.PARK;
        this.endless = allowed && strategy == WaitStrategy.SPIN;
        this.longestNs = allowed ? longestNs : 0;
    }

    /** Spins without sleeping as long as there is anything on shared memory. */
    boolean endless() {
        return endless;
    }

    /** Longest spin that is worth it at present; 0 for none. */
    long limitNs() {
        return limitNs;
    }

    /** A spin found nothing. */
    void failed() {
        limitNs = limitNs / 2 < SHORTEST_NS ? 0 : limitNs / 2;
    }

    /** A sleep that shared memory ended. */
    void sleptUntilSignal(long sleptNs) {
        if (sleptNs <= longestNs + WAKE_UP_NS) {
            limitNs = Math.min(longestNs, Math.max(limitNs * 2, SHORTEST_NS));
        }
    }
}
