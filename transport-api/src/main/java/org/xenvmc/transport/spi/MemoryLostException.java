package org.xenvmc.transport.spi;

import java.io.IOException;

/** The shared memory of a ring was withdrawn: what was read last is not to be used, and what was written last is lost. */
public final class MemoryLostException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public MemoryLostException() {
        super("the shared memory was withdrawn");
    }
}
