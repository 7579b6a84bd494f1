package org.xenvmc.migration.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** Small pieces of socket code that tests share. */
public final class Io {
    /** How long a helper waits for one event before it gives up. */
    public static final long LIMIT_MS = 20_000;

    private static final long PAUSE_NS = 2_000_000;
    private static final int FULL_ROUNDS = 10;

    private Io() {}

    /** The bytes of a text. */
    public static ByteBuffer text(String s) {
        return ByteBuffer.wrap(s.getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes all of the text; the channel blocks, or has room. */
    public static void write(WritableByteChannel channel, String s) throws IOException {
        ByteBuffer b = text(s);
        assertThat(channel.write(b)).isEqualTo(s.length());
    }

    /** Reads exactly so many bytes from a channel in blocking mode. */
    public static String read(ReadableByteChannel channel, int length) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(length);
        readFully(channel, b);
        return new String(b.array(), StandardCharsets.US_ASCII);
    }

    /** Fills the buffer from a channel in blocking mode. */
    public static void readFully(ReadableByteChannel channel, ByteBuffer b) throws IOException {
        while (b.hasRemaining()) {
            int n = channel.read(b);
            assertThat(n)
                    .as("bytes read after %d of %d", b.position(), b.limit())
                    .isPositive();
        }
    }

    /** Reads one portion: 0 if the channel does not block and has nothing. */
    public static int readSome(ReadableByteChannel channel) throws IOException {
        return channel.read(ByteBuffer.allocate(4096));
    }

    /** Writes the pattern from one offset to another; the channel is in blocking mode. */
    public static void send(WritableByteChannel channel, StreamPattern pattern, long from, long to, int chunkBytes)
            throws IOException {
        ByteBuffer b = ByteBuffer.allocate(chunkBytes);
        for (long o = from; o < to; o += b.limit()) {
            b.clear().limit((int) Math.min(chunkBytes, to - o));
            pattern.fill(b, o);
            b.flip();
            while (b.hasRemaining()) {
                channel.write(b);
            }
        }
    }

    /** Reads the pattern from one offset to another and compares every byte; the channel is in blocking mode. */
    public static void receive(ReadableByteChannel channel, StreamPattern pattern, long from, long to, int chunkBytes)
            throws IOException {
        ByteBuffer b = ByteBuffer.allocate(chunkBytes);
        for (long o = from; o < to; o += b.limit()) {
            b.clear().limit((int) Math.min(chunkBytes, to - o));
            int n = channel.read(b);
            assertThat(n).as("bytes read at offset %d of %d", o, to).isPositive();
            pattern.verify(b.flip(), o);
        }
    }

    /**
     * Writes the pattern to a channel that does not block until nothing fits any more.
     *
     * @return bytes written
     */
    public static long fill(SocketChannel channel, StreamPattern pattern) throws IOException {
        return fill(channel, pattern, 0);
    }

    /** As {@link #fill(SocketChannel, StreamPattern)}, with the pattern from an offset on. */
    public static long fill(SocketChannel channel, StreamPattern pattern, long from) throws IOException {
        long offset = from;
        for (int rounds = 0; rounds < FULL_ROUNDS; rounds++) {
            int n = channel.write(pattern.bytes(offset, 64 * 1024));
            offset += n;
            if (n > 0) {
                rounds = -1;
            } else {
                // TCP may still be moving bytes from one end's buffer to the other's
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        return offset - from;
    }

    /**
     * Selects until the key is selected with these operations, and no fewer. Other keys stay selected. For readiness that
     * another selector has seen already: selectors are told one after the other.
     */
    public static void selectUntil(Selector selector, SelectionKey key, int ops) throws IOException {
        long start = System.nanoTime();
        while (!selector.selectedKeys().contains(key) || (key.readyOps() & ops) != ops) {
            assertThat((System.nanoTime() - start) / 1_000_000)
                    .as("waiting for operations %d of %d, in ms", ops, key.readyOps())
                    .isLessThan(LIMIT_MS);
            selector.select(1);
        }
    }

    /** Waits until the channel, which does not block, is ready for one of the operations. */
    public static void awaitReady(SelectableChannel channel, int ops) throws IOException {
        try (Selector selector = channel.provider().openSelector()) {
            SelectionKey key = channel.register(selector, ops);
            assertThat(selector.select(LIMIT_MS)).as("ready for %d", ops).isEqualTo(1);
            key.cancel();
            selector.selectNow();
        }
    }
}
