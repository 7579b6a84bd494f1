package org.xenvmc.migration.line;

import java.io.IOException;

/** A line was longer than agreed; it is left out. */
public final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException(int maxBytes) {
        super("a line has more than " + maxBytes + " bytes");
    }
}
