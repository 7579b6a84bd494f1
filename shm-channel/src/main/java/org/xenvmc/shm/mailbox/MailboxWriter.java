package org.xenvmc.shm.mailbox;

import static org.xenvmc.shm.mailbox.MailboxDescriptor.HEAD_CACHE_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.HEAD_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.INT;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.LONG;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.PADDING_TYPE;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.RECORD_HEADER_BYTES;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.TAIL_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.TYPE_OFFSET;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A producer's end of a mailbox (see {@link MailboxDescriptor}). Thread-safe and never blocks. The other users of the
 * mailbox may be broken or hostile: whatever they put there, a write ends soon, stays inside the mailbox and throws
 * nothing; at worst the message is lost.
 */
public final class MailboxWriter {
    /** Claims are lost to other producers; more losses than this are a mailbox that somebody plays with. */
    private static final int CLAIM_ATTEMPTS = 1 << 14;

    private static final int RETRY = -1;
    private static final int FULL = -2;

    private final ByteBuffer memory;
    private final int capacity;
    private final int maxMessageBytes;

    /** A producer for the mailbox that fills this buffer (direct, aligned to 8 bytes, native order). */
    public MailboxWriter(ByteBuffer memory) {
        this.memory = memory;
        this.capacity = MailboxDescriptor.capacity(memory);
        this.maxMessageBytes = MailboxDescriptor.maxMessageBytes(capacity);
    }

    /** Longest message. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * Appends a message.
     *
     * @param type positive
     * @param payload the message from position to limit; not changed
     * @return false when there is no room, or the mailbox's numbers make no sense (the consumer repairs them)
     * @throws IllegalArgumentException when the type is not positive or the message too long
     */
    public boolean write(int type, ByteBuffer payload) {
        int length = payload.remaining();
        if (type < 1 || length > maxMessageBytes) {
            throw new IllegalArgumentException("message type " + type + ", " + length + " bytes of " + maxMessageBytes);
        }
        int recordBytes = length + RECORD_HEADER_BYTES;
        int index = claim(MailboxDescriptor.aligned(recordBytes));
        if (index < 0) {
            return false;
        }
        beginRecord(index, recordBytes);
        memory.put(index + RECORD_HEADER_BYTES, payload, payload.position(), length);
        commitRecord(index, type, recordBytes);
        return true;
    }

    private void beginRecord(int index, int recordBytes) {
        INT.setRelease(memory, index, -recordBytes);
        VarHandle.releaseFence(); // the negative length comes before the content: a reader may skip what was given up
    }

    private void commitRecord(int index, int type, int recordBytes) {
        INT.set(memory, index + TYPE_OFFSET, type);
        INT.setRelease(memory, index, recordBytes); // with lengthVolatile in MailboxReader
    }

    /** Moves the tail over {@code required} bytes; returns their index, or a negative number. */
    private int claim(int required) {
        for (int i = 0; i < CLAIM_ATTEMPTS; i++) {
            int index = tryClaim(required);
            if (index != RETRY) {
                return index;
            }
            Thread.onSpinWait();
        }
        return FULL;
    }

    private int tryClaim(int required) {
        long head = longVolatile(HEAD_CACHE_OFFSET);
        long tail = longVolatile(TAIL_OFFSET);
        if (!MailboxDescriptor.plausible(tail - head, capacity) || tail - head > capacity - required) {
            head = refreshHead();
            if (!MailboxDescriptor.plausible(tail - head, capacity)) {
                // the tail is older than the head, or one of them is nonsense
                return RETRY;
            }
            if (tail - head > capacity - required) {
                return FULL;
            }
        }
        int tailIndex = index(tail);
        int toEnd = capacity - tailIndex;
        if ((tailIndex & (RECORD_HEADER_BYTES - 1)) != 0) {
            return FULL;
        }
        return required <= toEnd ? claimHere(tail, tailIndex, required) : claimAtStart(tail, head, toEnd, required);
    }

    private int claimHere(long tail, int tailIndex, int required) {
        return compareAndSetTail(tail, tail + required) ? tailIndex : RETRY;
    }

    /** The record does not fit before the end: pads the end, and takes the beginning if that is free. */
    private int claimAtStart(long tail, long knownHead, int toEnd, int required) {
        long head = knownHead;
        if (index(head) < required) {
            head = refreshHead();
        }
        boolean fits = tail + toEnd + required - head <= capacity;
        if (!MailboxDescriptor.plausible(tail - head, capacity)) {
            return RETRY;
        }
        if (!compareAndSetTail(tail, tail + toEnd + (fits ? required : 0))) {
            return RETRY;
        }
        int tailIndex = index(tail);
        beginRecord(tailIndex, toEnd);
        commitRecord(tailIndex, PADDING_TYPE, toEnd);
        return fits ? 0 : FULL;
    }

    private long refreshHead() {
        long head = longVolatile(HEAD_OFFSET);
        LONG.setRelease(memory, capacity + HEAD_CACHE_OFFSET, head); // a hint: pairs with nothing
        return head;
    }

    private int index(long position) {
        return (int) position & (capacity - 1);
    }

    private long longVolatile(int offset) {
        return (long) LONG.getVolatile(memory, capacity + offset);
    }

    private boolean compareAndSetTail(long expected, long value) {
        return LONG.compareAndSet(memory, capacity + TAIL_OFFSET, expected, value);
    }
}
