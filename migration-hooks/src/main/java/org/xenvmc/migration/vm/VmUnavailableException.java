package org.xenvmc.migration.vm;

import java.io.IOException;

/** Guests cannot be started on this machine; the message says what is missing and how to get it. */
public final class VmUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public VmUnavailableException(String message) {
        super(message);
    }
}
