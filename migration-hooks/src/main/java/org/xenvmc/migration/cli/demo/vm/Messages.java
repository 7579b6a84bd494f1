package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Small requests of 64 bytes, each with content of its own, whose answers are compared byte for byte. One thread. */
final class Messages implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer request = ByteBuffer.allocateDirect(Wire.MESSAGE_BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(Wire.MESSAGE_BYTES);
    private long number;

    /** Begins a series of requests on a connection. */
    Messages(SocketChannel channel) throws IOException {
        this.channel = channel;
        Wire.sendHead(channel, Wire.ECHO, 0);
    }

    /** Sends a request and waits for its answer; false when the answer is not what was sent. */
    boolean exchange() throws IOException {
        return exchange(number++);
    }

    private boolean exchange(long first) throws IOException {
        request.clear();
        request.putLong(first);
        for (long i = 1; request.hasRemaining(); i++) {
            request.putLong(first * 0x9e3779b97f4a7c15L + i);
        }
        Wire.writeAll(channel, request.flip());
        answer.clear();
        Wire.readAll(channel, answer);
        return answer.flip().equals(request.rewind());
    }

    /** Ends the series; the connection can be used for something else. */
    @Override
    public void close() throws IOException {
        exchange(Wire.LAST);
    }
}
