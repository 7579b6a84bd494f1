package org.xenvmc.transport;

import java.util.concurrent.TimeUnit;

/**
 * Decides how long a selector looks for signals before it sleeps. It learns from its own sleeps: without signals from
 * shared memory (a selector whose connections are all on TCP) it never spins. And it learns from its own spins: where they
 * find nothing, because the answer takes the program's other threads, which would rather have the processor, it lets more
 * and more sleeps pass before it tries again. Used by one thread at a time.
 */
final class AdaptiveSpin {
    private static final long SHORTEST_NS = 1_000;

    /**
     * What waking up costs, at both ends: if the peer sleeps too, then our sleep lasts until it is awake, has answered,
     * and we are awake. A sleep that was no longer than this and the longest spin would have been saved by spinning.
     */
    private static final long WAKE_UPS_NS = TimeUnit.MICROSECONDS.toNanos(400);

    /** Spins in vain, more than others, after which spinning stops; a few are, until both ends are awake. */
    private static final int CREDIT = 16;

    private static final int SHORTEST_PAUSE = 4;
    private static final int LONGEST_PAUSE = 64;

    private final boolean endless;
    private final long longestNs;
    private long limitNs;
    private int credit = CREDIT;
    /** Sleeps that pass without a spin after the credit is used up. */
    private int pause = SHORTEST_PAUSE;

    private int sleepsToPass;

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

    /** Longest spin that is worth it at present, in nanoseconds; 0 for none. */
    long limitNs() {
        return limitNs;
    }

    /** A spin found what shared memory brought. */
    void paid() {
        credit++;
        if (credit >= CREDIT) {
            credit = CREDIT;
            pause = SHORTEST_PAUSE;
        }
    }

    /**
     * A sleep, which followed a spin that found nothing if there was one, is over.
     *
     * @param sleptNs how long it was
     * @param signalled whether shared memory ended it
     */
    void slept(long sleptNs, boolean signalled) {
        if (sleepsToPass > 0) {
            sleepsToPass--;
            return;
        }
        if (limitNs > 0 && --credit <= 0) {
            stop();
            return;
        }
        if (signalled && sleptNs <= longestNs + WAKE_UPS_NS) {
            limitNs = Math.min(longestNs, Math.max(limitNs * 2, longestNs / 2));
        } else {
            limitNs = limitNs / 2 < SHORTEST_NS ? 0 : limitNs / 2;
        }
    }

    private void stop() {
        limitNs = 0;
        credit = CREDIT / 2;
        sleepsToPass = pause;
        pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
}
