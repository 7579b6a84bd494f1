package org.xenvmc.bench.workload;

import org.HdrHistogram.Histogram;

/** Latencies of one round, in nanoseconds. */
final class Latencies {
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram histogram = new Histogram(LONGEST_NS, SIGNIFICANT_DIGITS);

    void record(long latencyNs) {
        histogram.recordValue(Math.max(0, Math.min(latencyNs, LONGEST_NS)));
    }

    /** Adds the percentiles to a sample. */
    Sample addTo(Sample sample) {
        return sample.with(Sample.P50_NS, histogram.getValueAtPercentile(50))
                .with(Sample.P99_NS, histogram.getValueAtPercentile(99));
    }
}
