package org.xenvmc.migration.json;

import java.io.IOException;

/** A text is not the JSON that was expected; the message says what is wrong and where. */
public final class JsonException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public JsonException(String message) {
        super(message);
    }
}
