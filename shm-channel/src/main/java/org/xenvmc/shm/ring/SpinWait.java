package org.xenvmc.shm.ring;

import java.util.function.BooleanSupplier;
import org.xenvmc.transport.WaitStrategy;

/**
 * Decides how long to spin before sleeping, from how well spinning would have paid: a long sleep halves the limit, a short one
 * doubles it. Used by one thread at a time.
 */
public final class SpinWait {
    private static final long LEAST_NS = 1_000;
    /**
     * What waking up costs, at both ends: if the peer sleeps too, our sleep lasts until it is awake, has answered, and we are
     * awake. A sleep no longer than this and the longest spin would have been saved by spinning.
     */
    private static final long WAKE_UPS_NS = 100_000;

    private static final int FAILURES = 6;
    private static final int MOST_BACK_OFF = 8;
    private static final int CHECKS_PER_CLOCK_READ = 32;

    private final WaitStrategy strategy;
    private final long mostNs;
    private long limitNs;
    private int failures;
    private int skip;

    /**
     * Creates the policy.
     *
     * @param strategy what was configured
     * @param mostNs longest spin in nanoseconds under {@link WaitStrategy#ADAPTIVE}
     * @param processors that this VM and its peer share, or this VM's and the peer's; with a single one spinning would take the
     *     time of the peer: never done
     */
    public SpinWait(WaitStrategy strategy, long mostNs, int processors) {
        this.strategy = processors == 1 ? WaitStrategy.PARK : strategy;
        this.mostNs = mostNs;
        this.limitNs = mostNs;
    }

    /** Whether there is a processor to spare at present, as far as is known. */
    boolean mayPay() {
        return strategy != WaitStrategy.PARK && skip == 0;
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
        if (!endless() && skip > 0) {
            skip--;
            return false;
        }
        long limit = endless() ? timeoutNs : Math.min(limitNs, timeoutNs);
        long startNs = System.nanoTime();
        do {
            for (int i = 0; i < CHECKS_PER_CLOCK_READ; i++) {
                if (condition.getAsBoolean()) {
                    failures = 0;
                    return true;
                }
                Thread.onSpinWait();
            }
        } while (System.nanoTime() - startNs < limit);
        failed();
        return false;
    }

    /**
     * A row of failures means that the peer does not get a processor while this thread holds one: then spinning is left out for
     * a while, longer each time.
     */
    private void failed() {
        failures = Math.min(failures + 1, FAILURES + MOST_BACK_OFF);
        if (failures > FAILURES) {
            skip = 1 << (failures - FAILURES);
        }
    }

    /**
     * Learns from a sleep, which followed a spin that failed.
     *
     * @param durationNs how long it was, waking up included
     */
    public void slept(long durationNs) {
        if (durationNs <= mostNs + WAKE_UPS_NS) {
            limitNs = Math.min(mostNs, Math.max(limitNs << 1, mostNs >> 1));
        } else {
            limitNs = Math.max(Math.min(LEAST_NS, mostNs), limitNs >> 1);
        }
    }
}
