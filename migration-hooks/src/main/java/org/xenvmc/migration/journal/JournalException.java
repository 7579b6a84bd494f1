package org.xenvmc.migration.journal;

import java.io.IOException;

/** The journal cannot be used; the message says why and what to do. */
public final class JournalException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
