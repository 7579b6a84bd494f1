package org.xenvmc.transport.spi;

import java.nio.channels.AsynchronousCloseException;

/**
 * Marks the part of an operation that may block, so that closing the channel or interrupting the thread ends it (see
 * {@link java.nio.channels.spi.AbstractInterruptibleChannel}). Implemented by the channel that owns the stream.
 */
public interface BlockingSection {
    /** Called by the thread that is about to block. An interrupt from now on closes the channel. */
    void beginBlocking();

    /**
     * Called by the same thread afterwards, in a finally block.
     *
     * @param completed whether the operation transferred something or reached its end
     * @throws AsynchronousCloseException when the channel was closed meanwhile; {@link
     *     java.nio.channels.ClosedByInterruptException} when the thread was interrupted
     */
    void endBlocking(boolean completed) throws AsynchronousCloseException;
}
