package org.xenvmc.bench.workload;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What one side found out in one round: named numbers, and lists of numbers. */
public final class Sample {
    /** Operations carried out (the workload says what one is). */
    public static final String OPERATIONS = "operations";
    /** Bytes of application data. */
    public static final String BYTES = "bytes";
    /** Time that the operations took, in nanoseconds. */
    public static final String ELAPSED_NS = "elapsedNs";
    /** Median of the latencies, in nanoseconds. */
    public static final String P50_NS = "p50Ns";
    /** 99th percentile of the latencies, in nanoseconds. */
    public static final String P99_NS = "p99Ns";

    private final Map<String, String> values = new LinkedHashMap<>();

    /** Adds a number. */
    public Sample with(String name, long value) {
        values.put(name, Long.toString(value));
        return this;
    }

    /** Adds a list of numbers. */
    public Sample with(String name, long[] list) {
        values.put(name, Arrays.stream(list).mapToObj(Long::toString).collect(Collectors.joining(",")));
        return this;
    }

    /** The fields of the answer that carries this sample. */
    public Map<String, String> fields() {
        return values;
    }
}
