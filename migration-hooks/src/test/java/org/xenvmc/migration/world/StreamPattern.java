package org.xenvmc.migration.world;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A stream of bytes in which every place looks different, so that loss, repetition and reordering are told apart from
 * one another. Stateless and thread-safe.
 */
public final class StreamPattern {
    private static final int PROBE_BYTES = 12;
    private static final long SEARCH_BYTES = 8L << 20;

    private final long seed;

    /** A stream of its own for each seed. */
    public StreamPattern(long seed) {
        this.seed = seed * 0x9E3779B97F4A7C15L + 0x632BE59BD9B4E019L;
    }

    private long word(long index) {
        long z = seed + index * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The byte at an offset of the stream. */
    public byte at(long offset) {
        return (byte) (word(offset >> 3) >>> ((offset & 7) << 3));
    }

    /** Fills the buffer from position to limit with the bytes that follow {@code offset}; moves the position. */
    public void fill(ByteBuffer buffer, long offset) {
        long o = offset;
        while (buffer.hasRemaining() && (o & 7) != 0) {
            buffer.put(at(o++));
        }
        ByteOrder order = buffer.order();
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        for (; buffer.remaining() >= Long.BYTES; o += Long.BYTES) {
            buffer.putLong(word(o >> 3));
        }
        buffer.order(order);
        while (buffer.hasRemaining()) {
            buffer.put(at(o++));
        }
    }

    /** The bytes from {@code offset} on, ready to be written. */
    public ByteBuffer bytes(long offset, int length) {
        ByteBuffer b = ByteBuffer.allocate(length);
        fill(b, offset);
        return b.flip();
    }

    /**
     * Compares the buffer, from position to limit, with the stream from {@code offset} on; moves the position.
     *
     * @throws AssertionError naming the first offset that differs and, if it can be found, where its bytes come from
     */
    public void verify(ByteBuffer buffer, long offset) {
        ByteOrder order = buffer.order();
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        long o = offset;
        while (buffer.hasRemaining()) {
            if ((o & 7) == 0 && buffer.remaining() >= Long.BYTES) {
                if (buffer.getLong(buffer.position()) == word(o >> 3)) {
                    buffer.position(buffer.position() + Long.BYTES);
                    o += Long.BYTES;
                    continue;
                }
            }
            if (buffer.get(buffer.position()) != at(o)) {
                throw new AssertionError(diagnosis(buffer, o));
            }
            buffer.position(buffer.position() + 1);
            o++;
        }
        buffer.order(order);
    }

    private String diagnosis(ByteBuffer buffer, long offset) {
        int n = Math.min(PROBE_BYTES, buffer.remaining());
        byte[] probe = new byte[n];
        buffer.duplicate().get(probe);
        String text = "stream differs at offset " + offset + ": expected " + (at(offset) & 0xff) + ", found "
                + (probe[0] & 0xff);
        for (long d = 1; n >= 4 && d < SEARCH_BYTES; d++) {
            if (offset >= d && matches(probe, offset - d)) {
                return text + "; these are the bytes of offset " + (offset - d) + " again (" + d + " back)";
            }
            if (matches(probe, offset + d)) {
                return text + "; these are the bytes of offset " + (offset + d) + " (" + d + " bytes are missing)";
            }
        }
        return text + "; the next " + n + " bytes are of no place near";
    }

    private boolean matches(byte[] probe, long offset) {
        for (int i = 0; i < probe.length; i++) {
            if (probe[i] != at(offset + i)) {
                return false;
            }
        }
        return true;
    }
}
