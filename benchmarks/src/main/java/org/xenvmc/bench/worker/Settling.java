package org.xenvmc.bench.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.bench.transport.Endpoint;
import org.xenvmc.transport.Path;

/**
 * Small traffic until both directions of a connection are on the wanted path: a switch needs traffic to begin, and the
 * next write to be completed.
 */
final class Settling {
    private static final byte GO = 0;
    private static final byte STOP = 1;
    private static final int EXCHANGES_PER_LOOK = 8;
    private static final long BETWEEN_LOOKS_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private Settling() {}

    /**
     * The client's side.
     *
     * @throws IOException when the path is not reached within the limit, saying what carries the connection instead
     */
    static void drive(Endpoint endpoint, Path path, long limitNs) throws IOException {
        SocketChannel channel = endpoint.channel();
        long start = System.nanoTime();
        boolean reached = false;
        while (!reached && System.nanoTime() - start < limitNs) {
            for (int i = 0; i < EXCHANGES_PER_LOOK; i++) {
                exchange(channel, GO);
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NS);
            reached = endpoint.transport().isOn(channel, path);
        }
        exchange(channel, STOP);
        if (!reached) {
            throw new IOException("the connection is not on " + path + " after "
                    + TimeUnit.NANOSECONDS.toMillis(limitNs) + " ms: "
                    + endpoint.transport().describe(channel));
        }
    }

    private static void exchange(SocketChannel channel, byte mark) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1).put(0, mark);
        channel.write(buffer);
        read(channel, buffer.clear());
    }

    /** The server's side: echoes until the client is content or gives up. */
    static void serve(Endpoint endpoint) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1);
        do {
            read(endpoint.channel(), buffer.clear());
            endpoint.channel().write(buffer.flip());
        } while (buffer.get(0) != STOP);
    }

    private static void read(SocketChannel channel, ByteBuffer buffer) throws IOException {
        if (channel.read(buffer) < 0) {
            throw new EOFException("the stream of " + channel + " ended while its path was being settled");
        }
    }
}
