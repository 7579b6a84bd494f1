package org.xenvmc.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes received bytes where they lie. See {@link InPlaceReceiver}. */
@FunctionalInterface
public interface DataHandler {
    /**
     * Bytes have arrived.
     *
     * @param data the bytes, from position to limit; at least one; read-only. Over shared memory this is the ring itself: it is valid
     *     during the call only (used later it shows other bytes, without an error), and a hostile peer can change it while it is looked
     *     at, so that what is checked must be copied before
     * @throws IOException is passed on to the caller of the receiving method; the bytes count as received
     */
    void received(ByteBuffer data) throws IOException;
}
