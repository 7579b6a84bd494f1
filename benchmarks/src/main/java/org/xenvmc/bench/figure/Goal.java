package org.xenvmc.bench.figure;

import java.util.Locale;

/** What is aimed at. */
public interface Goal {
    /** In words; empty when nothing is aimed at. */
    String text();

    /**
     * Whether it is met; null when nothing is aimed at. A number that could not be computed meets no goal.
     *
     * @param ours this library's median
     * @param ratio how many times better than the peer
     */
    Boolean met(double ours, double ratio);

    /** No goal: the row is information. */
    static Goal none() {
        return new Of("", (ours, ratio) -> null);
    }

    /** At least so many times as good as the peer. */
    static Goal ratioAtLeast(double least) {
        return new Of("ratio >= " + number(least), (ours, ratio) -> ratio >= least);
    }

    /** A ratio between two limits. */
    static Goal ratioBetween(double least, double most) {
        return new Of(
                "ratio " + number(least) + " .. " + number(most), (ours, ratio) -> ratio >= least && ratio <= most);
    }

    /** An absolute limit, whatever the peer does. */
    static Goal below(double limit, String unit) {
        return new Of("< " + number(limit) + " " + unit, (ours, ratio) -> ours < limit);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%s", value);
    }

    /** Decides. */
    @FunctionalInterface
    interface Test {
        /** See {@link Goal#met}. */
        Boolean met(double ours, double ratio);
    }

    /**
     * A goal of words and a test.
     *
     * @param text see {@link Goal#text}
     * @param test see {@link Goal#met}
     */
    record Of(String text, Test test) implements Goal {
        @Override
        public Boolean met(double ours, double ratio) {
            return test.met(ours, ratio);
        }
    }
}
