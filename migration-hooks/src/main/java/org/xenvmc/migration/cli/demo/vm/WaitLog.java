package org.xenvmc.migration.cli.demo.vm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.Path;

/** How long a reader waited for bytes around each change of path. Used by the reading thread. */
final class WaitLog {
    /** Shorter waits are not kept. */
    private static final long SHORTEST_NS = TimeUnit.MICROSECONDS.toNanos(5);
    /** Waits this near to a change belong to it. */
    private static final long NEAR_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int MOST = 1 << 21;

    /**
     * The longest wait around a change of path.
     *
     * @param to the path that the direction changed to
     * @param ns its length, 0 when it was too short to be kept
     */
    record Pause(Path to, long ns) {}

    private record Change(Path to, long atNs) {}

    private long[] endsNs = new long[4096];
    private long[] lengthsNs = new long[4096];
    private int size;
    private final List<Change> changes = new ArrayList<>();
    private Path path;

    /** Notes one read: when it began and returned, and which path the direction was on then. */
    void read(long startNs, long endNs, Path now) {
        if (endNs - startNs >= SHORTEST_NS && size < MOST) {
            keep(endNs, endNs - startNs);
        }
        if (path != null && now != path) {
            changes.add(new Change(now, endNs));
        }
        path = now;
    }

    private void keep(long endNs, long lengthNs) {
        if (size == endsNs.length) {
            endsNs = Arrays.copyOf(endsNs, size * 2);
            lengthsNs = Arrays.copyOf(lengthsNs, size * 2);
        }
        endsNs[size] = endNs;
        lengthsNs[size++] = lengthNs;
    }

    /** The pause of each change of path. */
    List<Pause> pauses() {
        return changes.stream()
                .map(c -> new Pause(c.to(), longestNear(c.atNs())))
                .toList();
    }

    private long longestNear(long atNs) {
        long longest = 0;
        for (int i = 0; i < size; i++) {
            boolean near = endsNs[i] >= atNs - NEAR_NS && endsNs[i] - lengthsNs[i] <= atNs + NEAR_NS;
            if (near) {
                longest = Math.max(longest, lengthsNs[i]);
            }
        }
        return longest;
    }

    /** The wait of an average kept read in nanoseconds, for comparison. */
    long meanNs() {
        return size == 0 ? 0 : Arrays.stream(lengthsNs, 0, size).sum() / size;
    }
}
