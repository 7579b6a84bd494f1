package org.xenvmc.shm.provider;

import java.io.IOException;
import org.xenvmc.transport.ReasonCode;

/** Shared memory is impossible here, and why. */
public class ProviderException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /** Creates the exception; the message names what was tried, on what, and what to do. */
    public ProviderException(ReasonCode reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** The reason code that connections show. */
    public ReasonCode reason() {
        return reason;
    }
}
