package org.xenvmc.shm.provider;

import java.util.List;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.AsymmetricFence;
import org.xenvmc.transport.spi.SignalPoller;

/** This VM's membership of one host. Thread-safe. */
public interface HostMembership {
    /** Longest control message in bytes. */
    int MAX_MESSAGE_BYTES = 4096;

    /** Name of the host, for people. */
    String host();

    /** This VM's id on the host. */
    VmId self();

    /** Number of the host's present life. */
    long epoch();

    /** This VM's own entry (sending to it is possible: both ends of a connection may be in one process). */
    Member selfMember();

    /** All members that carry connections, this one included. */
    List<Member> members();

    /** The member with this number, or null. */
    Member member(int domId);

    /** Grants of this VM. */
    GrantTable grants();

    /** Publishes that this VM listens, or no longer listens, on a TCP port. */
    void publishPort(int port, boolean listening);

    /** A fence that reaches the processes of all members that say in their rings that they take part. */
    default AsymmetricFence fence() {
        return AsymmetricFence.SYMMETRIC;
    }

    /** For selectors that spin. */
    SignalPoller signalPoller();

    /** Whether the memory may be withdrawn without notice. */
    default boolean withdrawable() {
        return false;
    }

    /** Whether peers are machines with processors of their own, which spinning here does not take from them. */
    default boolean peersHaveProcessors() {
        return false;
    }

    /**
     * Adds to the number of rings in use: while it is not 0, the {@link #signalPoller()} tells selectors that spinning may
     * find something.
     */
    void ringConnections(int delta);

    /** Leaves: removes the entry, ends the threads, unmaps what belongs to the membership itself. Idempotent. */
    void leave();
}
