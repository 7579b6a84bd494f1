package org.xenvmc.shm.ring;

/**
 * Lets records gather before a read takes them, when they are small and come quickly one after the other: a reader that is at
 * the writer's heels takes the cache line that the writer is filling, for each record. Network cards moderate their interrupts
 * for the like.
 *
 * <p>Whether it pays is tried out: after a row of small reads one waits; if more than one record has come then, the next wait
 * too, a little longer; if not (a peer that waits for an answer), the next trial is later each time. Used by one thread at a time.
 */
final class ReadModeration {
    private static final long SHORTEST_NS = 250;
    private static final long LONGEST_NS = 2_000;
    private static final int SMALL_BYTES = 16 * 1024;
    private static final int LARGE_BYTES = 32 * 1024;
    private static final int EARLIEST_TRIAL = 16;
    private static final int LATEST_TRIAL = 1 << 16;

    private long waitNs;
    private boolean waited;
    private int smallReads;
    private int trialAfter = EARLIEST_TRIAL;

    /** Whether the next read is to wait. */
    boolean waits() {
        return waitNs != 0;
    }

    /** How long, in nanoseconds. */
    long waitNs() {
        return waitNs;
    }

    /** Waits without looking at the ring. */
    void await() {
        waited = true;
        long startNs = System.nanoTime();
        do {
            Thread.onSpinWait();
        } while (System.nanoTime() - startNs < waitNs);
    }

    /**
     * Learns from a read that took something.
     *
     * @param records how many it finished
     * @param bytes how much it took
     * @param full whether there was no room for more
     */
    void took(int records, int bytes, boolean full) {
        if (waited) {
            waited = false;
            learn(records, bytes, full);
        } else if (!full && bytes < SMALL_BYTES) {
            smallReads++;
            if (smallReads >= trialAfter) {
                smallReads = 0;
                waitNs = SHORTEST_NS;
            }
        } else {
            smallReads = 0;
        }
    }

    private void learn(int records, int bytes, boolean full) {
        if (full || bytes >= LARGE_BYTES) {
            waitNs = Math.max(SHORTEST_NS, waitNs >> 1);
        } else if (records > 1) {
            trialAfter = EARLIEST_TRIAL;
            waitNs = Math.min(waitNs << 1, LONGEST_NS);
        } else {
            waitNs = 0;
            trialAfter = Math.min(trialAfter << 1, LATEST_TRIAL);
        }
    }
}
