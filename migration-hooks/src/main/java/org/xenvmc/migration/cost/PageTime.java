package org.xenvmc.migration.cost;

import java.math.BigInteger;

/**
 * Exact arithmetic between pages, bytes and nanoseconds, each rounded up; results that no long holds are the largest
 * long.
 */
final class PageTime {
    private static final long NS_PER_S = 1_000_000_000L;

    private PageTime() {}

    /** Time that bytes take at a bandwidth. */
    static long ns(long bytes, long bytesPerSecond) {
        return quotient(bytes, NS_PER_S, bytesPerSecond);
    }

    /** Pages that come within a time at a rate. */
    static long pages(long pagesPerSecond, long ns) {
        return quotient(pagesPerSecond, ns, NS_PER_S);
    }

    private static long quotient(long a, long b, long divisor) {
        if (Math.multiplyHigh(a, b) == 0 && a * b >= 0) {
            long product = a * b;
            return product / divisor + (product % divisor == 0 ? 0 : 1);
        }
        BigInteger[] parts =
                BigInteger.valueOf(a).multiply(BigInteger.valueOf(b)).divideAndRemainder(BigInteger.valueOf(divisor));
        BigInteger up = parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
        return up.bitLength() > 63 ? Long.MAX_VALUE : up.longValue();
    }
}
