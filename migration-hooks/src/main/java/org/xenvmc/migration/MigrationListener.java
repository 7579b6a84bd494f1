package org.xenvmc.migration;

/** Told when a VM enters another phase. */
@FunctionalInterface
public interface MigrationListener {
    /**
     * A change of phase.
     *
     * @param migrationId the migration
     * @param from the phase before
     * @param to the phase now
     */
    record PhaseChange(String migrationId, MigrationPhase from, MigrationPhase to) {}

    /**
     * Called by the thread that changes the phase, in the order of the changes, before the call that caused it returns.
     * Must not block; may ask the assistant, not change it. What it throws is logged.
     */
    void phaseChanged(PhaseChange change);
}
