package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a frame. After a direction has left plain TCP for the first time, everything that it puts on TCP is frames.
 * Network byte order; version 1.
 *
 * <pre>
 *   0  short  magic 0x5856 ("XV")
 *   2  byte   version
 *   3  byte   type: 1 DATA, 2 START (the stream goes on in the ring), 3 FIN (end of the stream), 4 NOP, 5 URGENT (one byte of urgent data),
 *             6 PROMISED (as DATA; a write that does not block has taken all of it already)
 *   4  int    length of the payload that follows; 0 unless DATA, PROMISED or URGENT (1)
 *   8  long   offset in the stream of the first byte that this frame speaks of
 * </pre>
 *
 * <p>The offset makes loss, repetition and reordering visible where they would happen.
 */
final class Frame {
    static final int HEADER_BYTES = 16;
    static final int MAX_PAYLOAD = 1 << 20;

    static final byte DATA = 1;
    static final byte START = 2;
    static final byte FIN = 3;
    static final byte NOP = 4;
    static final byte URGENT = 5;
    static final byte PROMISED = 6;

    private static final short MAGIC = 0x5856;
    private static final byte VERSION = 1;
    private static final int TYPE_AT = 3;

    private Frame() {}

    static void putHeader(ByteBuffer to, byte type, int length, long offset) {
        to.order(ByteOrder.BIG_ENDIAN);
        to.putShort(MAGIC).put(VERSION).put(type).putInt(length).putLong(offset);
    }

    static ByteBuffer control(byte type, long offset) {
        ByteBuffer b = ByteBuffer.allocate(HEADER_BYTES);
        putHeader(b, type, 0, offset);
        return b.flip();
    }

    /** Checks a header at {@code at} and returns its type. */
    static byte type(ByteBuffer from, int at) throws IOException {
        byte type = from.get(at + TYPE_AT);
        int length = length(from, at);
        boolean sane = from.getShort(at) == MAGIC && from.get(at + 2) == VERSION && lengthFits(type, length);
        if (!sane) {
            throw new FrameException(String.format(
                    "not a frame: %016x %016x on the control path", from.getLong(at), from.getLong(at + 8)));
        }
        return type;
    }

    private static boolean lengthFits(byte type, int length) {
        return switch (type) {
            case DATA, PROMISED -> length > 0 && length <= MAX_PAYLOAD;
            case URGENT -> length == 1;
            case START, FIN, NOP -> length == 0;
            default -> false;
        };
    }

    static boolean hasPayload(byte type) {
        return type == DATA || type == PROMISED || type == URGENT;
    }

    /** Whether TCP that ends after these bytes, the first of a frame, has lost what the peer's application has written. */
    static boolean isLossToEndIn(ByteBuffer from, int at, int bytes) {
        return bytes > 0 && (bytes <= TYPE_AT || from.get(at + TYPE_AT) == PROMISED);
    }

    static boolean isStart(ByteBuffer from, int at, long offset) {
        return from.getShort(at) == MAGIC
                && from.get(at + 2) == VERSION
                && from.get(at + TYPE_AT) == START
                && length(from, at) == 0
                && offset(from, at) == offset;
    }

    /** Whether a header at {@code at} is right, and that of bytes from this offset on. */
    static boolean isData(ByteBuffer from, int at, long offset) {
        return from.getShort(at) == MAGIC
                && from.get(at + 2) == VERSION
                && (from.get(at + TYPE_AT) == DATA || from.get(at + TYPE_AT) == PROMISED)
                && lengthFits(DATA, length(from, at))
                && offset(from, at) == offset;
    }

    static int length(ByteBuffer from, int at) {
        return from.getInt(at + 4);
    }

    static long offset(ByteBuffer from, int at) {
        return from.getLong(at + 8);
    }
}
