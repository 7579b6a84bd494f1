package org.xenvmc.migration;

import org.xenvmc.transport.SwitchReport;

/**
 * How a move between two hosts went.
 *
 * @param id names the migration
 * @param outcome how it ended, or that it has not yet
 * @param mode what connections did in phase two
 * @param fromHost where the VM was; null when it had joined no host
 * @param toHost where it was to go
 * @param connections what happened to connections when they left shared memory; null while unknown
 * @param preCopyNs length of phase two, in nanoseconds
 * @param leaveNs length of phase three, in nanoseconds
 * @param joinNs time it took to join the new host, in nanoseconds
 * @param error what went wrong; empty when nothing did
 */
public record RelocationReport(
        String id,
        Outcome outcome,
        MigrationMode mode,
        String fromHost,
        String toHost,
        SwitchReport connections,
        long preCopyNs,
        long leaveNs,
        long joinNs,
        String error) {

    /** How a move ended. */
    public enum Outcome {
        /** It is under way. */
        RUNNING,
        /** The VM is on the new host. */
        ARRIVED,
        /** It did not work, and the VM is on the old host. */
        RETURNED,
        /** The VM is on neither host: both refused it. Its connections go on over TCP. */
        STRANDED
    }
}
