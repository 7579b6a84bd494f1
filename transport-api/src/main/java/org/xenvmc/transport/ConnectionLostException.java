package org.xenvmc.transport;

import java.io.IOException;

/**
 * A connection ended because bytes that were on their way can no longer be delivered, or because the other end violated
 * the protocol. The message names the offset in the stream and the reason; no byte was repeated or reordered before it.
 */
public class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offset;
    private final ReasonCode reason;

    /**
     * Creates the exception.
     *
     * @param offset number of the first byte that is not delivered, counted from 0 in this direction
     * @param reason why
     * @param detail what was seen, for people
     */
    public ConnectionLostException(long offset, ReasonCode reason, String detail) {
        super("connection lost at stream offset " + offset + " (" + reason + "): " + detail);
        this.offset = offset;
        this.reason = reason;
    }

    /** Number of the first byte that is not delivered, counted from 0 in this direction. */
    public long offset() {
        return offset;
    }

    /** Why the connection ended. */
    public ReasonCode reason() {
        return reason;
    }
}
