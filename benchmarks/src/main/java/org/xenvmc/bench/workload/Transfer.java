package org.xenvmc.bench.workload;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Blocking transfers of whole buffers, and the marks in them that structure a round. */
final class Transfer {
    /** Mark of ordinary data. */
    static final byte GO = 0;
    /** Mark of the last piece of a round. */
    static final byte STOP = 1;

    /** Exchanges of a round that the client does not count: the first, before which the server may be late, and the last. */
    static final int UNCOUNTED = 2;

    private Transfer() {}

    /** Writes a buffer from 0 to its capacity. */
    static void writeAll(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Fills a buffer from 0 to its capacity. */
    static void readAll(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw endOfStream(channel, buffer);
            }
        }
    }

    /** One round trip. */
    static void exchange(SocketChannel channel, ByteBuffer request, ByteBuffer reply) throws IOException {
        writeAll(channel, request);
        readAll(channel, reply);
    }

    static EOFException endOfStream(SocketChannel channel, ByteBuffer buffer) {
        return new EOFException("the stream of " + channel + " ended in the middle of a round, " + buffer.remaining()
                + " of " + buffer.capacity() + " bytes missing");
    }
}
