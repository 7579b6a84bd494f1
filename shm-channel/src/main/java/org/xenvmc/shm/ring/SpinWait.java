package org.xenvmc.shm.ring;

import java.util.function.BooleanSupplier;
import org.xenvmc.transport.WaitStrategy;

/**
 * Decides how long to spin before sleeping, from how well spinning would have paid: a long sleep halves the limit, a short one
 * doubles it. Between machines the longest spin is as long as it takes to wake both ends ({@link WakeCost}), which may be
 * milliseconds; a machine with one processor gives way to its other threads meanwhile. Used by one thread at a time.
 */
public final class SpinWait {
    private static final long LEAST_NS = 1_000;
    /**
     * What waking up costs, at both ends: if the peer sleeps too, our sleep lasts until it is awake, has answered, and we are
     * awake. A sleep no longer than this and the longest spin would have been saved by spinning.
     */
    private static final long WAKE_UPS_NS = 100_000;

    private static final int ENDS = 2;
    private static final int FAILURES = 6;
    private static final int MOST_BACK_OFF = 8;
    /** A long spin is tried again sooner: by then a peer that has warmed up may be quick enough. */
    private static final int MOST_BACK_OFF_BETWEEN_MACHINES = 5;

    private static final int CHECKS_PER_CLOCK_READ = 32;
    /** After so many long spins that found something it is measured again whether they have to be that long. */
    private static final int LONG_SPINS = 4096;

    private final WaitStrategy strategy;
    private final long shortNs;
    private final WakeCost wakeCost; // null within one machine
    private final boolean yields;
    private long mostNs;
    private long limitNs;
    private int failures;
    private int skip;
    private int longSpins;
    private long spunNs; // before the sleep that is learnt from

    /**
     * Creates the policy for peers in the same machine.
     *
     * @param strategy what was configured
     * @param mostNs longest spin in nanoseconds under {@link WaitStrategy#ADAPTIVE}
     * @param processors that this VM and its peer share; with a single one spinning would take the time of the peer: never done
     */
    public SpinWait(WaitStrategy strategy, long mostNs, int processors) {
        this(processors == 1 ? WaitStrategy.PARK : strategy, mostNs, null, false);
    }

    private SpinWait(WaitStrategy strategy, long mostNs, WakeCost wakeCost, boolean yields) {
        this.strategy = strategy;
        this.shortNs = mostNs;
        this.mostNs = mostNs;
        this.limitNs = mostNs;
        this.wakeCost = wakeCost;
        this.yields = yields;
    }

    /**
     * Creates the policy for a peer in another machine, with processors of its own.
     *
     * @param strategy what was configured
     * @param mostNs longest spin in nanoseconds as long as the cost of waking is not known, or is lower; 0 for none
     * @param processors of this machine
     * @param wakeCost of this VM
     */
    public static SpinWait betweenMachines(WaitStrategy strategy, long mostNs, int processors, WakeCost wakeCost) {
        return new SpinWait(strategy, mostNs, wakeCost, processors == 1);
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
        spunNs = 0;
        if (!endless() && (skips() || measuresInstead())) {
            return false;
        }
        long limit = endless() ? timeoutNs : Math.min(limitNs, timeoutNs);
        long startNs = System.nanoTime();
        long spentNs;
        do {
            for (int i = 0; i < CHECKS_PER_CLOCK_READ; i++) {
                if (condition.getAsBoolean()) {
                    failures = 0;
                    return true;
                }
                Thread.onSpinWait();
            }
            spentNs = System.nanoTime() - startNs;
            if (yields && spentNs > shortNs) {
                Thread.yield(); // costs next to nothing if no other thread can run
            }
        } while (spentNs < limit);
        spunNs = spentNs;
        failed();
        return false;
    }

    private boolean skips() {
        adopt();
        if (skip > 0) {
            skip--;
            return true;
        }
        return false;
    }

    /** The cost of waking became known, or higher: what was learnt before does not count. */
    private void adopt() {
        long most = wakeCost == null ? mostNs : Math.max(shortNs, ENDS * wakeCost.ns());
        if (most > mostNs) {
            limitNs = most;
            failures = 0;
            skip = 0;
        }
        mostNs = most;
    }

    /** Whoever spins successfully never sleeps, and would never learn that waking has become cheap. */
    private boolean measuresInstead() {
        if (wakeCost == null || mostNs == shortNs || ++longSpins < LONG_SPINS) {
            return false;
        }
        longSpins = 0;
        wakeCost.ask();
        return true;
    }

    /** Longest spin that is worth it at present, in nanoseconds; for tests. */
    long limitNs() {
        return limitNs;
    }

    /** What sleepers measure; null when there is nothing to measure. */
    WakeCost wakeCost() {
        return wakeCost;
    }

    /**
     * A row of failures means that the peer does not get a processor while this thread holds one: then spinning is left out for
     * a while, longer each time.
     */
    private void failed() {
        int most = wakeCost == null ? MOST_BACK_OFF : MOST_BACK_OFF_BETWEEN_MACHINES;
        failures = Math.min(failures + 1, FAILURES + most);
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
        if (wouldHavePaid(durationNs)) {
            limitNs = Math.min(mostNs, Math.max(limitNs << 1, mostNs >> 1));
        } else {
            limitNs = Math.max(Math.min(LEAST_NS, mostNs), limitNs >> 1);
        }
    }

    /** Between machines the cost is known, and so is when it must have happened: a longer spin would have been in vain, too. */
    private boolean wouldHavePaid(long durationNs) {
        return wakeCost == null
                ? durationNs <= mostNs + WAKE_UPS_NS
                : spunNs + durationNs <= mostNs + Math.max(WAKE_UPS_NS, wakeCost.ns());
    }
}
