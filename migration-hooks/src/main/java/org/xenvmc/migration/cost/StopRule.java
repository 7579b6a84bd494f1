package org.xenvmc.migration.cost;

import java.time.Duration;

/**
 * When pre-copy stops the machine: as soon as few pages are dirty, or after so many rounds.
 *
 * @param maxRounds rounds while the machine runs, the first one, which sends everything, included; 0 is no limit
 * @param belowPages stop when fewer pages than this are dirty; 0 is never
 * @param withinNs stop when sending what is dirty takes at most this long; negative is never
 */
public record StopRule(int maxRounds, long belowPages, long withinNs) {
    private static final int ROUNDS = 29;
    private static final long NEVER = -1;

    /** The paper's, which are Xen's: 29 rounds, or less than 256 KB dirty. */
    public static final StopRule PAPER = new StopRule(ROUNDS, 256 * 1024 / PreCopy.PAGE_BYTES, NEVER);

    /** Live Improve's: less than 100 pages dirty; 29 rounds as the paper's. */
    public static final StopRule THESIS = new StopRule(ROUNDS, 100, NEVER);

    /** Checks the numbers. */
    public StopRule {
        if (maxRounds < 0 || belowPages < 0) {
            throw new IllegalArgumentException("negative: " + maxRounds + " rounds, " + belowPages + " pages");
        }
        if (maxRounds == 0 && belowPages == 0 && withinNs < 0) {
            throw new IllegalArgumentException("the rule never stops");
        }
    }

    /** QEMU's: what is left can be sent within the downtime limit, however many rounds that takes. */
    public static StopRule qemu(Duration downtimeLimit) {
        return new StopRule(0, 0, downtimeLimit.toNanos());
    }

    /**
     * Whether few enough pages are dirty.
     *
     * @param dirtyPages pages left
     * @param transferNs how long sending them takes
     */
    boolean isEnough(long dirtyPages, long transferNs) {
        return dirtyPages < belowPages || transferNs <= withinNs;
    }

    boolean isLast(int rounds) {
        return maxRounds > 0 && rounds >= maxRounds;
    }
}
