package org.xenvmc.bench.guest;

import java.time.Duration;

/**
 * How migrations are made.
 *
 * @param bytesPerSecond bandwidth of a migration
 * @param downtimeLimitMs QEMU's downtime limit
 * @param maxRounds rounds after which the guest is stopped, whatever remains (the paper: 29)
 * @param overall a migration is given up when it takes longer
 * @param settle how long a stream runs before the migration begins
 * @param linkRound length of a round of the figures of a connection
 * @param linkPairs pairs of rounds of each of them
 */
record Settings(
        long bytesPerSecond,
        long downtimeLimitMs,
        long maxRounds,
        Duration overall,
        Duration settle,
        Duration linkRound,
        int linkPairs) {
    private static final long LITTLE_PER_BANDWIDTH = 16;

    /** A guest that leaves shared memory late is told to when this much remains in a round: a sixteenth of a second. */
    long littleBytes() {
        return bytesPerSecond / LITTLE_PER_BANDWIDTH;
    }
}
