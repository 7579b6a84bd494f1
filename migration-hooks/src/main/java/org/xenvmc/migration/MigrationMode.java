package org.xenvmc.migration;

/** What connections do during the pre-copy rounds. */
public enum MigrationMode {
    /**
     * They stay on shared memory: their traffic dirties pages that are not sent to the target (the paper's
     * modification).
     */
    KEEP,
    /**
     * They leave it as soon as the migration is announced, as XenVMC did: nothing is left to do when the VM is stopped.
     */
    EARLY
}
