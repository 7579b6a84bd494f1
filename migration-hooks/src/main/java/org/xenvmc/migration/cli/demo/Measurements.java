package org.xenvmc.migration.cli.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/** What was measured on each path, over all rounds. Used by one thread. */
final class Measurements {
    /** The peer to compare with. */
    static final String JDK = "JDK";

    /**
     * Median and range over the rounds.
     *
     * @param median the median
     * @param low the smallest
     * @param high the largest
     */
    record Figure(double median, double low, double high) {
        static Figure of(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int n = sorted.length;
            double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
            return new Figure(median, sorted[0], sorted[n - 1]);
        }

        JsonObject toJson() {
            return new JsonObject().put("median", median).put("low", low).put("high", high);
        }
    }

    private final Map<String, List<JsonObject>> byPath = new LinkedHashMap<>();
    private long wrong;

    /** Adds the answer to one measurement. */
    void add(String path, JsonObject measured) throws JsonException {
        byPath.computeIfAbsent(path, p -> new ArrayList<>()).add(measured);
        wrong += measured.number("wrong");
    }

    /** Answers that differed from their requests. */
    long wrong() {
        return wrong;
    }

    /** How often each path was measured. */
    int rounds() {
        return byPath.values().stream().mapToInt(List::size).min().orElse(0);
    }

    List<String> paths() {
        return List.copyOf(byPath.keySet());
    }

    /** A figure of a path: bytesPerSecond, p50Ns or p99Ns. */
    Figure figure(String path, String name) throws JsonException {
        List<JsonObject> rounds = byPath.get(path);
        double[] values = new double[rounds.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rounds.get(i).decimal(name);
        }
        return Figure.of(values);
    }

    /** How many times the JDK's throughput a path has. */
    double throughputRatio(String path) throws JsonException {
        return figure(path, "bytesPerSecond").median()
                / figure(JDK, "bytesPerSecond").median();
    }

    /** How many times faster than on the JDK's channel a small request is answered, at the median. */
    double latencyRatio(String path) throws JsonException {
        return figure(JDK, "p50Ns").median() / figure(path, "p50Ns").median();
    }

    List<JsonObject> toJson() throws JsonException {
        List<JsonObject> rows = new ArrayList<>();
        for (String path : paths()) {
            rows.add(new JsonObject()
                    .put("path", path)
                    .put("bytesPerSecond", figure(path, "bytesPerSecond").toJson())
                    .put("p50Ns", figure(path, "p50Ns").toJson())
                    .put("p99Ns", figure(path, "p99Ns").toJson())
                    .put("throughputRatio", throughputRatio(path))
                    .put("latencyRatio", latencyRatio(path)));
        }
        return rows;
    }
}
