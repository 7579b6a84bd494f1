package org.xenvmc.migration.cli.demo;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How much the demo does.
 *
 * @param file what is moved
 * @param moves how often VM 1 moves to the other host
 * @param rounds how often each path is measured
 * @param measureMs length of one measurement of throughput, and of one of latency
 * @param dwellMs time between two moves
 * @param limit when everything is ended by force
 */
record DemoPlan(Path file, int moves, int rounds, long measureMs, long dwellMs, Duration limit) {
    /** Length of phase two of each move, in which a hypervisor would copy memory. */
    static final Duration PRE_COPY = Duration.ofMillis(150);
}
