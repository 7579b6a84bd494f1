package org.xenvmc.transport;

import java.io.IOException;

/**
 * A channel that can hand out received bytes without copying them into the application's memory: what comes through shared memory is
 * looked at in the ring. For a virtual machine that is migrated, such bytes dirty none of its own pages. Over TCP the bytes are
 * read into a buffer first; the result is the same.
 */
public interface InPlaceReceiver {
    /**
     * Hands received bytes to the handler, once, in the calling thread; returns when the handler has. Otherwise like {@link
     * java.nio.channels.SocketChannel#read(java.nio.ByteBuffer)}, with which it may alternate: it waits if the channel is in
     * blocking mode, and is ended by close and interrupt alike. The handler must not read from the same channel, and keeps
     * others from reading it, and this VM from leaving its host, while it runs.
     *
     * @param maxBytes most bytes to hand out, positive; usually fewer come: what lies in one piece
     * @return how many bytes were handed out, all of which count as received; 0 when nothing is there and the channel does not block;
     *     -1 at the end of the stream
     * @throws IOException as reading does, or what the handler throws. If the memory was withdrawn while the handler looked at it, a
     *     {@link ConnectionLostException}: then what it saw counts as not received
     */
    int receive(int maxBytes, DataHandler handler) throws IOException;
}
