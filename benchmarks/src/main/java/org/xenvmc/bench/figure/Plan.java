package org.xenvmc.bench.figure;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param warmUp for each contender before the first round
 * @param round of one contender
 * @param sparseRound of one contender where one request is sent every 10 ms
 * @param pairs rounds of each contender; one of each makes a pair
 * @param idlePairs the same where nothing happens for a second
 * @param switches path switches in all
 * @param repeat how often everything is done from the start, with new processes
 */
public record Plan(
        Duration warmUp, Duration round, Duration sparseRound, int pairs, int idlePairs, int switches, int repeat) {
    /** The whole program in about ten minutes. */
    public static final Plan FULL =
            new Plan(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(3), 9, 9, 216, 1);
    /** The whole program in under three minutes. */
    public static final Plan QUICK =
            new Plan(Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofSeconds(1), 5, 3, 50, 1);

    /** The same, {@code times} times from the start. */
    public Plan repeated(int times) {
        return new Plan(warmUp, round, sparseRound, pairs, idlePairs, switches, times);
    }
}
