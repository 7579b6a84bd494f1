package org.xenvmc.migration.line;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a stream of bytes into lines. The other end may send anything: a line that is too long is left out as a whole.
 * Not thread-safe.
 */
public final class LineBuffer {
    private final int maxBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;

    /** Lines have at most this many bytes, without their end. */
    public LineBuffer(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Takes bytes up to the end of the next line.
     *
     * @return the line without its end, or null when the bytes are used up before it
     * @throws LineTooLongException at the end of such a line; go on with the next one
     */
    public String next(ByteBuffer bytes) throws LineTooLongException {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (b == '\n') {
                return take();
            }
            if (line.size() == maxBytes) {
                tooLong = true;
            } else if (b != '\r') {
                line.write(b);
            }
        }
        return null;
    }

    private String take() throws LineTooLongException {
        String text = line.toString(StandardCharsets.UTF_8);
        boolean wasTooLong = tooLong;
        clear();
        if (wasTooLong) {
            throw new LineTooLongException(maxBytes);
        }
        return text;
    }

    /** Forgets the line that is not complete. */
    public void clear() {
        line.reset();
        tooLong = false;
    }
}
