package org.xenvmc.transport.async;

import java.io.IOException;

/** A channel as its group sees it. */
interface GroupChannel {
    VmcAsynchronousChannelGroup group();

    boolean isOpen();

    void close() throws IOException;

    /** One of its operations, the last one perhaps, has been handed to whom it concerns, after the channel was closed. */
    void operationEnded();

    /**
     * The channel below is ready for these operations, which the selector does not watch any more.
     *
     * @param direct whether the calling thread may invoke handlers
     */
    void ready(int ops, boolean direct);
}
