package org.xenvmc.shm.mailbox;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Layout of a mailbox: the format of Agrona's {@code ManyToOneRingBuffer} (RingBufferDescriptor, RecordDescriptor).
 *
 * <pre>
 *  0                        capacity (a power of two)
 *  +------------------------+---------+------+------------+------+-------------+-----------+------+
 *  | records                | unused  | tail | head cache | head | correlation | heartbeat | pad  |
 *  +------------------------+---------+------+------------+------+-------------+-----------+------+
 *                           0         128    256          384    512           640         768 (relative)
 *
 *  record, aligned to 8 bytes:
 *  +----------------+----------------+----------------------
 *  | length (int)   | type (int)     | length - 8 bytes ...
 *  +----------------+----------------+----------------------
 * </pre>
 *
 * <ul>
 *   <li>Positions are 64-bit, count bytes from the mailbox's beginning, and are multiples of 8; an index is a position
 *       modulo the capacity. Everything between tail and head + capacity is zero.
 *   <li>A producer claims space by moving the tail (CAS), writes {@code -length}, then the message, then
 *       {@code length}: that commits it. A record never wraps: padding (type -1) fills the end.
 *   <li>The consumer takes committed records in order, zeroes them, then moves the head.
 *   <li>The head cache is the producers' hint of the head.
 * </ul>
 */
public final class MailboxDescriptor {
    /** Record header, and alignment of records. */
    static final int RECORD_HEADER_BYTES = 8;

    static final int TYPE_OFFSET = 4;
    /** Type of a record that only fills space. */
    static final int PADDING_TYPE = -1;

    private static final int LINES_BYTES = 128;
    static final int TAIL_OFFSET = LINES_BYTES;
    static final int HEAD_CACHE_OFFSET = TAIL_OFFSET + LINES_BYTES;
    static final int HEAD_OFFSET = HEAD_CACHE_OFFSET + LINES_BYTES;
    static final int CORRELATION_OFFSET = HEAD_OFFSET + LINES_BYTES;
    static final int HEARTBEAT_OFFSET = CORRELATION_OFFSET + LINES_BYTES;

    /** Bytes behind the records. */
    public static final int TRAILER_BYTES = HEARTBEAT_OFFSET + LINES_BYTES;

    static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private MailboxDescriptor() {}

    /** Length of the records' part of a mailbox that fills this buffer. */
    static int capacity(ByteBuffer memory) {
        int capacity = memory.capacity() - TRAILER_BYTES;
        if (capacity < LINES_BYTES || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException(
                    "a mailbox is a power of two plus " + TRAILER_BYTES + " bytes, not " + memory.capacity());
        }
        return capacity;
    }

    /** Longest message that a mailbox with this capacity takes, as in Agrona. */
    static int maxMessageBytes(int capacity) {
        return capacity >> 3;
    }

    /** Space that a record of this length takes. */
    static int aligned(int recordBytes) {
        return (recordBytes + RECORD_HEADER_BYTES - 1) & -RECORD_HEADER_BYTES;
    }

    /** Whether a distance from head to tail is one that honest producers and consumers leave. */
    static boolean plausible(long usedBytes, int capacity) {
        return usedBytes >= 0 && usedBytes <= capacity && (usedBytes & (RECORD_HEADER_BYTES - 1)) == 0;
    }
}
