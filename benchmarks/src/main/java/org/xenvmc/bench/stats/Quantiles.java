package org.xenvmc.bench.stats;

import java.util.Arrays;

/** Quantiles of a few numbers, with linear interpolation between neighbours. */
public final class Quantiles {
    private final double[] sorted;

    private Quantiles(double[] sorted) {
        this.sorted = sorted;
    }

    /**
     * Quantiles of these numbers; those that are not finite are left out.
     */
    public static Quantiles of(double... values) {
        return new Quantiles(
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray());
    }

    /** Quantiles of whole numbers. */
    public static Quantiles of(long... values) {
        return of(Arrays.stream(values).asDoubleStream().toArray());
    }

    /**
     * The value below which this share of the numbers lies.
     *
     * @param share between 0 and 1
     * @return NaN without numbers
     */
    public double at(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not between 0 and 1");
        }
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** The middle. */
    public double median() {
        return at(0.5);
    }

    /** A quarter of the numbers is smaller. */
    public double lowerQuartile() {
        return at(0.25);
    }

    /** A quarter of the numbers is larger. */
    public double upperQuartile() {
        return at(0.75);
    }
}
