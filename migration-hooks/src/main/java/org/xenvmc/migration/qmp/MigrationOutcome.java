package org.xenvmc.migration.qmp;

/** How a migration of a guest ended. */
public enum MigrationOutcome {
    /** The guest runs at the destination, and was told so. */
    COMPLETED,
    /**
     * The guest runs at the destination, over TCP: there, shared memory could not be attached, or the guest could not be
     * told.
     */
    COMPLETED_ON_TCP,
    /** It was given up, and the guest goes on here as before. */
    ROLLED_BACK,
    /** It was given up, and not everything could be put back; the guest goes on here, over TCP where it has to. */
    ROLLED_BACK_ON_TCP
}
