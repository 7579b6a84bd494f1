package org.xenvmc.shm.provider;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.xenvmc.transport.VmId;

/** Another VM (or this one) as seen in the shared description of the host. Thread-safe. */
public interface Member {
    /** Its id on this host. */
    VmId id();

    /** Its identity, kept over moves. */
    UUID uuid();

    /** Its process id, as it said itself. */
    long pid();

    /** Identity of its network namespace (inode number). */
    long networkNamespace();

    /** Label of its network, or "" for none. */
    String network();

    /** Its addresses as text, without scopes. */
    List<String> addresses();

    /** Whether it listens on this TCP port, as it published. One read of shared memory. */
    boolean listensOn(int port);

    /** All ports on which it listens. */
    List<Integer> ports();

    /** Whether this is a tool (stat, migrate, ...) that only asks questions and carries no connections. */
    boolean tool();

    /** Whether it still is a member. */
    boolean alive();

    /**
     * Puts a control message into its mailbox and wakes it.
     *
     * @param type positive message type
     * @param payload the message from position to limit, at most {@link HostMembership#MAX_MESSAGE_BYTES}
     * @return false when the mailbox is full or the member is gone
     */
    boolean send(int type, ByteBuffer payload);

    /** Notifies its connection with this number: wakes whoever waits for it there. Idempotent, never full. */
    void signal(int connection);

    /**
     * Whether it notices a signal late, because the memory has no interrupt and nobody there is looking: a frame on the
     * connection's TCP path is quicker.
     */
    default boolean asleep() {
        return false;
    }
}
