package org.xenvmc.shm.provider;

/** Lends pages of shared memory to exactly one peer (Xen: the grant table). Thread-safe. */
public interface GrantTable {
    /** Memory lent to a peer, as its owner sees it. */
    interface Grant {
        /** What the peer needs to map it. */
        GrantRef ref();

        /** The owner's mapping; all zero when new. */
        Mapping mapping();

        /** Ends the grant: unmaps it here and lets nobody map it any more. Peers that still map it keep their view. */
        void revoke();
    }

    /**
     * Lends new memory, really allocated and zeroed.
     *
     * @throws ProviderException with NO_SPACE, BUDGET_EXHAUSTED or GRANT_FAILED
     */
    Grant grant(Member peer, int bytes) throws ProviderException;

    /**
     * Maps memory that a peer lent to this VM, after checking that it is of that peer, for this VM, of this epoch and of
     * the promised size.
     *
     * @throws ProviderException with GRANT_FAILED or VERSION_MISMATCH
     */
    Mapping map(GrantRef ref) throws ProviderException;

    /** Bytes that may still be granted: the rest of the budget or the space left in the file system, the smaller one. */
    long availableBytes();

    /** How many rings of the size that is chosen should fit into what is available: rings shrink to make it so. */
    default int ringsToFit() {
        return 8192;
    }
}
