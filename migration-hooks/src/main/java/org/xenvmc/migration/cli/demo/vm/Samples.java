package org.xenvmc.migration.cli.demo.vm;

import java.util.Arrays;

/** Times of which quantiles are wanted; every one is kept. Not thread-safe. */
final class Samples {
    private static final int MOST = 1 << 22;

    private long[] values = new long[1024];
    private int size;

    /** Adds a time. */
    void add(long ns) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = ns;
    }

    int size() {
        return size;
    }

    /** Whether there are so many that more would not change anything. */
    boolean isFull() {
        return size >= MOST;
    }

    /** The smallest time that at least this part of all times does not exceed; 0 without any. */
    long quantile(double part) {
        if (size == 0) {
            return 0;
        }
        Arrays.sort(values, 0, size);
        int rank = (int) Math.ceil(part * size);
        return values[Math.min(size, Math.max(1, rank)) - 1];
    }
}
