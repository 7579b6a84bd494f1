package org.xenvmc.shm.ring;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waiting for memory that cannot interrupt: looks again after short naps, as long as that has paid, before the waiter sleeps and
 * must be woken in a dearer way. A sleep that was short doubles the limit, a long one halves it. Used by one thread at a time.
 */
final class Naps {
    private static final long NAP_NS = 50_000;
    private static final long LEAST_NS = NAP_NS;
    private static final long MOST_NS = 1_000_000;

    private long limitNs = MOST_NS;

    /**
     * Naps until the condition holds or the limit is reached. An interrupted thread does not nap.
     *
     * @return whether the condition holds
     */
    boolean take(BooleanSupplier condition, long timeoutNs) {
        long limit = Math.min(limitNs, timeoutNs);
        long startNs = System.nanoTime();
        do {
            LockSupport.parkNanos(this, NAP_NS);
            if (condition.getAsBoolean()) {
                return true;
            }
        } while (!Thread.currentThread().isInterrupted() && System.nanoTime() - startNs < limit);
        return false;
    }

    /** Learns from a sleep, which followed naps that found nothing. */
    void slept(long durationNs) {
        limitNs = durationNs <= 2 * MOST_NS ? Math.min(MOST_NS, limitNs << 1) : Math.max(LEAST_NS, limitNs >> 1);
    }
}
