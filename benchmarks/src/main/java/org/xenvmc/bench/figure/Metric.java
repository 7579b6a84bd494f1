package org.xenvmc.bench.figure;

import java.util.function.ToDoubleFunction;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.workload.Sample;

/**
 * A number taken from each round.
 *
 * @param suffix appended to the figure's id with a dot; empty for the figure's own row
 * @param unit its unit
 * @param higherIsBetter whether a larger number is the better one
 * @param value how it is taken
 * @param goal what is aimed at
 */
public record Metric(String suffix, String unit, boolean higherIsBetter, ToDoubleFunction<Round> value, Goal goal) {

    /** Operations per second. */
    public static Metric operations(String unit, Goal goal) {
        return new Metric("", unit, true, Round::operationsPerSecond, goal);
    }

    /** Millions of bytes per second. */
    public static Metric megabytes(Goal goal) {
        return new Metric("", "MB/s", true, r -> r.bytesPerSecond() / 1e6, goal);
    }

    /** Median latency in microseconds. */
    public static Metric p50(String suffix, Goal goal) {
        return latency(suffix, Sample.P50_NS, goal);
    }

    /** 99th percentile of latency in microseconds. */
    public static Metric p99(String suffix, Goal goal) {
        return latency(suffix, Sample.P99_NS, goal);
    }

    private static Metric latency(String suffix, String percentile, Goal goal) {
        return new Metric(suffix, "us", false, r -> r.client().number(percentile) / 1e3, goal);
    }

    /** The same number, as information. */
    Metric withoutGoal() {
        return new Metric(suffix, unit, higherIsBetter, value, Goal.none());
    }

    /** The row's id within a figure. */
    String rowId(String figure) {
        return suffix.isEmpty() ? figure : figure + "." + suffix;
    }

    /** How many times better ours is. */
    double ratio(double ours, double peer) {
        return higherIsBetter ? ours / peer : peer / ours;
    }
}
