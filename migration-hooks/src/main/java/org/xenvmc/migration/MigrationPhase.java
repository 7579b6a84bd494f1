package org.xenvmc.migration;

/** Where a VM is between two hosts (the paper's three phases, and the time in which it is on neither host). */
public enum MigrationPhase {
    /**
     * Phase one: no migration is known of. Connections with VMs of the same host are on shared memory, others on TCP.
     */
    SETTLED("no migration; prepare is allowed"),
    /**
     * Phase two, keep-con-with-migration: a migration was announced and the pre-copy rounds run. Connections stay on
     * shared memory ({@link MigrationMode#KEEP}) or have left it ({@link MigrationMode#EARLY}).
     */
    PRE_COPY("a migration is prepared; finishMigration and aborted are allowed"),
    /** Phase three, finish_mig: what is outstanding is delivered and the VM leaves every table. */
    FINISHING("the VM is leaving its host; wait until finishMigration has returned"),
    /** The VM is in no table: the hypervisor may stop it, and resumes it on one of the two hosts. */
    AWAY("the VM has left its host; resumed and aborted are allowed");

    private final String explanation;

    MigrationPhase(String explanation) {
        this.explanation = explanation;
    }

    /** What this phase means and what may be called in it, for people. */
    public String explanation() {
        return explanation;
    }
}
