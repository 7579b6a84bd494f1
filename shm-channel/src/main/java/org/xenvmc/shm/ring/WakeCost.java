package org.xenvmc.shm.ring;

import java.util.concurrent.TimeUnit;

/**
 * What it costs this VM to be woken by a peer in another machine, where there is no interrupt: from the moment at which the peer finds
 * a sleeper until the frame that it sends is here and heard. It is measured by waiters that look at memory although they said that they
 * sleep: they see the peer take their wait word, go on at once, and the frame comes later. The first sleeps measure, then ever fewer, at
 * last one in {@value #LONGEST_PAUSE}. Shared by the ring ends of a VM. Thread-safe.
 */
public final class WakeCost {
    private static final long MOST_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** What comes later than that was no answer to what was seen. */
    private static final long STRAY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int LONGEST_PAUSE = 64;
    private static final int WEIGHT = 4;

    private volatile long costNs;
    private volatile int toPass;
    private int pause = 1;

    /** Nanoseconds, as far as is known, and at most 5 ms; 0 as long as nothing is known. */
    public long ns() {
        return costNs;
    }

    /** Whether the next sleep is to measure. */
    boolean due() {
        return toPass <= 0;
    }

    /** The next sleep is to measure. */
    void ask() {
        toPass = 0;
    }

    /** A sleep begins that does not measure. */
    synchronized void passed() {
        toPass--;
    }

    /** A sleep begins that measures; returns how long it is to look, in nanoseconds. */
    synchronized long begin() {
        toPass = pause;
        pause = Math.min(LONGEST_PAUSE, pause * 2);
        return MOST_NS;
    }

    /** A wake-up took so long. */
    synchronized void measured(long ns) {
        if (ns <= STRAY_NS) {
            long bounded = Math.max(1, Math.min(MOST_NS, ns));
            costNs = costNs == 0 ? bounded : costNs + (bounded - costNs) / WEIGHT;
        }
    }
}
