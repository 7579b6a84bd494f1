package org.xenvmc.shm.mailbox;

import static org.xenvmc.shm.mailbox.MailboxDescriptor.HEAD_CACHE_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.HEAD_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.INT;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.LONG;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.PADDING_TYPE;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.RECORD_HEADER_BYTES;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.TAIL_OFFSET;
import static org.xenvmc.shm.mailbox.MailboxDescriptor.TYPE_OFFSET;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The consumer's end of a mailbox (see {@link MailboxDescriptor}). One thread at a time. The head is kept privately and
 * only published; every number that producers wrote is copied once, checked, then used. A number that makes no sense
 * empties the mailbox ({@link #resets()}): what was in it is lost, as a message to a VM that is gone would be.
 */
public final class MailboxReader {
    private static final Logger LOG = System.getLogger(MailboxReader.class.getName());
    private static final int CORRUPT = -1;

    private final ByteBuffer memory;
    private final int capacity;
    private final ByteBuffer message;
    private final byte[] zeros;
    private long head;
    private long resets;
    private long unblocks;
    private long failures;

    /** A consumer for the mailbox that fills this buffer (direct, aligned to 8 bytes, native order). */
    public MailboxReader(ByteBuffer memory) {
        this.memory = memory;
        this.capacity = MailboxDescriptor.capacity(memory);
        this.message = ByteBuffer.allocate(MailboxDescriptor.maxMessageBytes(capacity));
        this.zeros = new byte[message.capacity() + RECORD_HEADER_BYTES];
        this.head = (long) LONG.getVolatile(memory, capacity + HEAD_OFFSET);
        if (head < 0 || (head & (RECORD_HEADER_BYTES - 1)) != 0) {
            head = 0; // a mailbox that was used before; reading repairs it
        }
    }

    /**
     * Hands over messages, in order.
     *
     * @param limit most records to take
     * @return number of records taken; less than {@code limit} means that there was no further committed one
     */
    public int read(MailboxHandler handler, int limit) {
        repairHead();
        int taken = 0;
        while (taken < limit && readOne(handler)) {
            taken++;
        }
        return taken;
    }

    /** Producers can only go on when they see the true head. */
    private void repairHead() {
        if ((long) LONG.getVolatile(memory, capacity + HEAD_OFFSET) != head) {
            LONG.setRelease(memory, capacity + HEAD_OFFSET, head);
            countReset("head");
        }
    }

    private boolean readOne(MailboxHandler handler) {
        int index = (int) head & (capacity - 1);
        int length = lengthVolatile(index);
        if (length <= 0) {
            return false;
        }
        int type = (int) INT.get(memory, index + TYPE_OFFSET);
        if (!valid(index, length, type)) {
            reset("record of " + length + " bytes, type " + type);
            return false;
        }
        boolean padding = type == PADDING_TYPE;
        if (!padding) {
            message.clear().limit(length - RECORD_HEADER_BYTES);
            message.put(0, memory, index + RECORD_HEADER_BYTES, length - RECORD_HEADER_BYTES);
        }
        advance(index, MailboxDescriptor.aligned(length));
        if (!padding) {
            deliver(handler, type);
        }
        return true;
    }

    private boolean valid(int index, int length, int type) {
        int aligned = MailboxDescriptor.aligned(length);
        // length was checked to be positive; a sum of it could overflow, a comparison does not
        if (length < RECORD_HEADER_BYTES || length > capacity - index || aligned > capacity - index) {
            return false;
        }
        if (type != PADDING_TYPE && (type < 1 || length - RECORD_HEADER_BYTES > message.capacity())) {
            return false;
        }
        int used = used();
        return used != CORRUPT && aligned <= used;
    }

    /** A listener that fails costs its message and nothing else. */
    private void deliver(MailboxHandler handler, int type) {
        try {
            handler.message(type, message);
        } catch (RuntimeException e) {
            failures++;
            LOG.log(Level.WARNING, "control message of type " + type + " could not be handled", e);
        }
    }

    private void advance(int index, int bytes) {
        zero(index, bytes);
        head += bytes;
        LONG.setRelease(memory, capacity + HEAD_OFFSET, head); // with refreshHead in MailboxWriter: zeroed before free
    }

    private void zero(int index, int bytes) {
        for (int done = 0; done < bytes; done += zeros.length) {
            memory.put(index + done, zeros, 0, Math.min(zeros.length, bytes - done));
        }
    }

    /** Bytes between head and tail, or {@link #CORRUPT}. */
    private int used() {
        long used = (long) LONG.getVolatile(memory, capacity + TAIL_OFFSET) - head;
        return MailboxDescriptor.plausible(used, capacity) ? (int) used : CORRUPT;
    }

    /** Whether space was claimed in front of the head that is not committed yet (or never will be). */
    public boolean blocked() {
        return (long) LONG.getVolatile(memory, capacity + TAIL_OFFSET) != head
                && lengthVolatile((int) head & (capacity - 1)) <= 0;
    }

    /** Position of the head, for telling whether a mailbox stays {@link #blocked()} at the same place. */
    public long position() {
        return head;
    }

    /**
     * Skips the claim in front of the head, whose producer died or stopped half-way: to be called when the mailbox has
     * been {@link #blocked()} at the same position for much longer than an honest producer needs.
     *
     * @return false when nothing lies behind the claim and there is room for more (so that nothing is held up)
     */
    public boolean unblock() {
        int used = used();
        if (used == CORRUPT) {
            reset("tail");
            return true;
        }
        int index = (int) head & (capacity - 1);
        int length = lengthVolatile(index);
        if (used == 0 || length > 0) {
            return false;
        }
        return length < 0 ? skipBegun(index, length, used) : skipUnwritten(index, used);
    }

    private boolean skipBegun(int index, int negativeLength, int used) {
        int limit = Math.min(used, capacity - index);
        if (negativeLength > -RECORD_HEADER_BYTES || negativeLength < -limit) {
            reset("claim of " + -(long) negativeLength + " bytes");
            return true;
        }
        return pad(index, -negativeLength);
    }

    /** The producer wrote nothing: the claim ends where the next record begins, or at the end of the ring. */
    private boolean skipUnwritten(int index, int used) {
        boolean wraps = used > capacity - index;
        int limit = wraps ? capacity : index + used;
        for (int i = index + RECORD_HEADER_BYTES; i < limit; i += RECORD_HEADER_BYTES) {
            if (lengthVolatile(i) != 0) {
                return stillZero(index, i) && pad(index, i - index);
            }
        }
        boolean heldUp = wraps || !roomForAnother(used);
        return heldUp && stillZero(index, limit) && pad(index, limit - index);
    }

    /** Whether a message of any length fits beside what is claimed: if not, an abandoned claim holds up those to come. */
    private boolean roomForAnother(int used) {
        return capacity - used >= MailboxDescriptor.aligned(message.capacity() + RECORD_HEADER_BYTES);
    }

    private boolean stillZero(int from, int to) {
        for (int i = to - RECORD_HEADER_BYTES; i >= from; i -= RECORD_HEADER_BYTES) {
            if (lengthVolatile(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean pad(int index, int bytes) {
        INT.set(memory, index + TYPE_OFFSET, PADDING_TYPE);
        INT.setRelease(memory, index, bytes); // with lengthVolatile, as a producer would
        unblocks++;
        return true;
    }

    /**
     * Empties the mailbox and begins anew at a position that no producer can know, so that claims under way fail. A
     * producer in the middle of a record may still write it: it is taken for what it looks like, and checked.
     */
    private void reset(String what) {
        countReset(what);
        head = (head & -capacity) + 2L * capacity;
        zero(0, capacity);
        VarHandle.releaseFence();
        LONG.setRelease(memory, capacity + HEAD_OFFSET, head);
        LONG.setRelease(memory, capacity + HEAD_CACHE_OFFSET, head);
        LONG.setVolatile(memory, capacity + TAIL_OFFSET, head); // with compareAndSetTail in MailboxWriter
    }

    private void countReset(String what) {
        resets++;
        if (Long.bitCount(resets) == 1) {
            LOG.log(Level.WARNING, "mailbox repaired, {0} time(s): it held an impossible {1}", resets, what);
        }
    }

    private int lengthVolatile(int index) {
        return (int) INT.getVolatile(memory, index); // with commitRecord in MailboxWriter
    }

    /** How often the mailbox was emptied, or its head put right, because of an impossible number. */
    public long resets() {
        return resets;
    }

    /** How many abandoned claims were skipped. */
    public long unblocks() {
        return unblocks;
    }

    /** How many messages the handler failed to handle. */
    public long failures() {
        return failures;
    }
}
