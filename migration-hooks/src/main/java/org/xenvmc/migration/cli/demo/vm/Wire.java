package org.xenvmc.migration.cli.demo.vm;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What the demo's programs say to each other on a connection. Every step begins with a head of one byte and a length.
 *
 * <pre>
 *   ECHO     messages of 64 bytes follow, each is sent back; one that begins with -1 is the last
 *   SINK     length bytes follow, which are thrown away; then their number is sent back
 *   HASH     length bytes follow, which are added to a digest
 *   END      the number of bytes hashed so far is sent back, and the digest is complete
 * </pre>
 */
final class Wire {
    static final byte ECHO = 'E';
    static final byte SINK = 'S';
    static final byte HASH = 'H';
    static final byte END = 'Q';

    static final int HEAD_BYTES = 1 + Long.BYTES;
    static final int MESSAGE_BYTES = 64;
    static final int CHUNK_BYTES = 64 * 1024;
    /** First number of the last message of an ECHO. */
    static final long LAST = -1;

    private Wire() {}

    static void sendHead(SocketChannel channel, byte step, long length) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        head.put(step).putLong(length).flip();
        writeAll(channel, head);
    }

    static void sendNumber(SocketChannel channel, long number) throws IOException {
        writeAll(channel, ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    }

    static long receiveNumber(SocketChannel channel) throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
        readAll(channel, number);
        return number.getLong(0);
    }

    static void writeAll(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Fills the buffer from its position to its limit. */
    static void readAll(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(
                        "the other end closed the connection, " + buffer.remaining() + " bytes too early");
            }
        }
    }
}
