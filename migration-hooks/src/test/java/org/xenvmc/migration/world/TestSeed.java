package org.xenvmc.migration.world;

import java.util.Random;

/** Randomness of tests that can be repeated: {@code -Dxenvmc.test.seed=N}. Each test prints the seed that it uses. */
public final class TestSeed {
    private static final String PROPERTY = "xenvmc.test.seed";

    private TestSeed() {}

    /** The seed given on the command line, or a new one; printed with the name of the test. */
    public static long next(String test) {
        Long given = Long.getLong(PROPERTY);
        long seed = given != null ? given : System.nanoTime() & 0x7fff_ffffL;
        System.out.println(test + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }

    /** A length from 1 to {@code max} where small ones and large ones are both frequent. */
    public static int skewedLength(Random random, int max) {
        int bits = 1 + random.nextInt(32 - Integer.numberOfLeadingZeros(max));
        return Math.max(1, Math.min(max, random.nextInt(1 << Math.min(bits, 30)) + 1));
    }
}
