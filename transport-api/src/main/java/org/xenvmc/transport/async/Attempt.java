package org.xenvmc.transport.async;

import java.io.IOException;

/** What an operation does with the channel below as soon as that is ready. Never blocks. */
@FunctionalInterface
interface Attempt {
    /** The channel was not ready: nothing was done. */
    Object NOT_YET = new Object();

    /**
     * Tries.
     *
     * @return the operation's result, or {@link #NOT_YET}
     */
    Object tryNow() throws IOException;
}
