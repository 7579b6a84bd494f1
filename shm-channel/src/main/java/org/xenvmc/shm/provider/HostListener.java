package org.xenvmc.shm.provider;

import java.nio.ByteBuffer;
import org.xenvmc.transport.ReasonCode;

/** What a host tells its member. Calls come from the provider's threads and must not block. */
public interface HostListener {
    /** A VM joined. Also called for each VM that is there already, before {@link HostProvider#join} returns. */
    void joined(Member member);

    /**
     * A VM left, or died without leaving.
     *
     * @param died true when it did not say good-bye
     */
    void left(Member member, boolean died);

    /**
     * A control message came. The buffer is private memory, valid during the call only; its content is whatever the
     * sender wrote.
     */
    void message(int type, ByteBuffer payload);

    /** The memory of the host was withdrawn: nothing that was in it can be relied on. The last call. */
    default void lost(ReasonCode why) {}

    /**
     * The JVM is ending, and the memory should not be in use then. Called from a shutdown hook, beside the
     * application's, which may use their connections still; may block for a second or so.
     *
     * @return whether nothing uses the memory any more, so that the host can be left
     */
    default boolean ending() {
        return true;
    }

    /**
     * The connection with this number was signalled. The number is in the table's range, nothing else is known of it.
     */
    void signalled(int connection);
}
