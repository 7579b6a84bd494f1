package org.xenvmc.shm.ring;

import java.util.function.BooleanSupplier;
import org.xenvmc.transport.WaitStrategy;

/**
 * Decides how long to spin before sleeping, from how well spinning has paid: a spin that fails halves the limit, a sleep that
 * turns out shorter than the longest spin doubles it. Used by one thread at a time.
 */
public final class SpinWait {
    private static final boolean SINGLE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;
    private static final long LEAST_NS = 1_000;
    private static final int CHECKS_PER_CLOCK_READ = 32;

    private final WaitStrategy strategy;
    private final long mostNs;
    private long limitNs;

    /**
     * Creates the policy.
     *
     * @param strategy what was configured; on a single processor spinning would take the time of the peer: never done
     * @param mostNs longest spin in nanoseconds under {@link WaitStrategy#ADAPTIVE}
     */
    public SpinWait(WaitStrategy strategy, long mostNs) {
        this.strategy = SINGLE_PROCESSOR ? WaitStrategy.PARK : strategy;
        this.mostNs = mostNs;
        this.limitNs = mostNs;
    }

    /** Whether sleeping is never wanted. */
    boolean endless() {
        return strategy == WaitStrategy.SPIN;
    }

    /**
     * Spins until the condition holds or the limit is reached.
     *
     * @return whether the condition holds
     */
    public boolean spin(BooleanSupplier condition, long timeoutNs) {
        if (condition.getAsBoolean()) {
            return true;
        }
        if (strategy == WaitStrategy.PARK || mostNs == 0 && !endless()) {
            return false;
        }
        long limit = endless() ? timeoutNs : Math.min(limitNs, timeoutNs);
        long startNs = System.nanoTime();
        do {
            for (int i = 0; i < CHECKS_PER_CLOCK_READ; i++) {
                if (condition.getAsBoolean()) {
                    return true;
                }
                Thread.onSpinWait();
            }
        } while (System.nanoTime() - startNs < limit);
        limitNs = Math.max(Math.min(LEAST_NS, mostNs), limitNs >> 1);
        return false;
    }

    /** Learns from a sleep. */
    public void slept(long durationNs) {
        if (durationNs < mostNs) {
            limitNs = Math.min(mostNs, limitNs << 1);
        }
    }
}
