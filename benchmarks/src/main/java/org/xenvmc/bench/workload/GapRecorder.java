package org.xenvmc.bench.workload;

/**
 * The longest time between two arrivals within a window. One thread reports arrivals, another begins windows and asks.
 */
final class GapRecorder {
    private volatile long arrivals;

    /** Number of the window that gaps count for. */
    private volatile int window;

    /** Longest gap of the current window; written by the arrivals' thread only. */
    private volatile long longestNs;

    private int seenWindow;
    private long lastNs;

    /** Something arrived now. Called by one thread. */
    void arrived(long nowNs) {
        int current = window;
        long before = longestNs;
        if (current != seenWindow) {
            seenWindow = current;
            before = 0;
        }
        long gapNs = arrivals > 0 ? nowNs - lastNs : 0;
        if (current != 0 && (before == 0 || gapNs > before)) {
            longestNs = Math.max(before, gapNs);
        }
        lastNs = nowNs;
        arrivals = arrivals + 1;
    }

    /** Arrivals so far. */
    long arrivals() {
        return arrivals;
    }

    /** Begins a new window: gaps that end from now on count. */
    void open() {
        window = window + 1;
    }

    /**
     * The longest gap since {@link #open}, in nanoseconds. The caller has seen {@link #arrivals} grow by two or more since
     * then, so that the arrivals' thread has noticed the window.
     */
    long longestNs() {
        return longestNs;
    }
}
