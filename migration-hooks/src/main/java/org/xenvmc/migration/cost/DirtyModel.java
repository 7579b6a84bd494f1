package org.xenvmc.migration.cost;

import java.util.SortedMap;

/**
 * How many different pages a machine writes within a time: the function on which the length of every pre-copy round
 * depends.
 * It is 0 at 0 and never falls. Implementations are immutable and thread-safe.
 */
@FunctionalInterface
public interface DirtyModel {
    /** Nanoseconds of a second. */
    double NS_PER_S = 1e9;

    /**
     * Different pages that are written within a time. What exceeds the machine's memory is cut off by {@link PreCopy}.
     *
     * @param ns length of the time, 0 or more
     */
    long pagesWithin(long ns);

    /** Writes nothing. */
    static DirtyModel idle() {
        return ns -> 0;
    }

    /** Writes pages that it has not written before, at a constant rate: the worst case. */
    static DirtyModel rate(long pagesPerSecond) {
        return workingSet(Long.MAX_VALUE, pagesPerSecond);
    }

    /**
     * Goes round in a working set, such as a buffer that is filled again and again: {@code min(pages, rate x time)}.
     *
     * @param pages size of the working set
     * @param pagesPerSecond pages filled per second
     */
    static DirtyModel workingSet(long pages, long pagesPerSecond) {
        notNegative(pages, "pages");
        notNegative(pagesPerSecond, "pagesPerSecond");
        return ns -> Math.min(pages, PageTime.pages(pagesPerSecond, ns));
    }

    /**
     * Writes to pages of a working set at random, each as likely as the other: {@code pages x (1 - e^(-rate x time /
     * pages))},
     * rounded up.
     *
     * @param pages size of the working set
     * @param writesPerSecond writes per second, of which several may meet the same page
     */
    static DirtyModel scattered(long pages, long writesPerSecond) {
        notNegative(pages, "pages");
        notNegative(writesPerSecond, "writesPerSecond");
        return ns -> pages == 0 ? 0 : (long) Math.ceil(pages * -Math.expm1(-(writesPerSecond / NS_PER_S) * ns / pages));
    }

    /**
     * What was measured: different pages written within times of several lengths. Straight lines between them, from 0
     * at 0, and
     * on as between the last two; what is less than at a shorter time counts as that much.
     *
     * @param pagesByNs pages by length of the time, at least one
     */
    static DirtyModel measured(SortedMap<Long, Long> pagesByNs) {
        return new MeasuredModel(pagesByNs);
    }

    /** This and another part of the machine, which has other pages. */
    default DirtyModel plus(DirtyModel other) {
        return ns -> {
            long sum = pagesWithin(ns) + other.pagesWithin(ns);
            return sum < 0 ? Long.MAX_VALUE : sum;
        };
    }

    private static void notNegative(long value, String name) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is negative: " + value);
        }
    }
}
