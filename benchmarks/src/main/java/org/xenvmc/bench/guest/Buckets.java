package org.xenvmc.bench.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How much was sent in each half minute, as the paper's figure of the network's load. */
final class Buckets {
    private static final long LENGTH_MS = 30_000;
    private static final double MB = 1e6;

    private Buckets() {}

    /**
     * Bytes sent in each half minute since the beginning.
     *
     * @param series milliseconds since the beginning and bytes sent by then, in turn
     */
    static List<Long> of(List<Long> series) {
        List<Long> buckets = new ArrayList<>();
        long before = 0;
        for (int i = 0; i + 1 < series.size(); i += 2) {
            int bucket = (int) (series.get(i) / LENGTH_MS);
            while (buckets.size() <= bucket) {
                buckets.add(0L);
            }
            buckets.set(bucket, buckets.get(bucket) + series.get(i + 1) - before);
            before = series.get(i + 1);
        }
        return buckets;
    }

    /** In MB (10^6 bytes). */
    static String text(List<Long> series) {
        return of(series).stream().map(b -> Long.toString(Math.round(b / MB))).collect(Collectors.joining("/"));
    }
}
