package org.xenvmc.shm.ring;

import static org.xenvmc.shm.ring.RingLayout.INT;
import static org.xenvmc.shm.ring.RingLayout.LONG;
import static org.xenvmc.shm.ring.RingLayout.RECORD_HEADER;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.RingReceiver;

/**
 * Reads records in the format of Agrona's {@code OneToOneRingBuffer} (2.x) as a byte stream: a read may take part of a
 * record. The cursor is private; the head is only published. Each word that the peer writes is read once, checked, and then
 * used.
 */
public final class SpscRingReceiver extends RingEnd implements RingReceiver {
    private final int tailIndex;
    private final int headIndex;
    private final int publishEvery;
    private final ReadModeration moderation = new ReadModeration();
    private long head;
    private long published;
    private int recordFrom;
    private int recordLeft;
    private int recordAligned;
    private int seenEvents;
    private long dropped;
    private int lent;
    private BooleanSupplier urgentInline = () -> false;

    private static final Words WORDS = new Words(
            RingLayout.READER_WAIT,
            RingLayout.WRITER_WAIT,
            RingLayout.RECEIVER_UNFENCED,
            RingLayout.SENDER_UNFENCED,
            RingLayout.SENDER_STATE,
            RingLayout.SENDER_HEAVY);

    /** Takes a ring that its owner has initialised. */
    public SpscRingReceiver(RingPlace place) {
        super(place, WORDS);
        this.tailIndex = RingLayout.tailPosition(capacity);
        this.headIndex = RingLayout.headPosition(capacity);
        this.publishEvery = capacity >> 3;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        if (moderation.waits()) {
            moderation.await();
        }
        int at = dst.position();
        int room = dst.remaining();
        int taken = 0;
        int records = 0;
        while (taken < room && (recordLeft > 0 || nextRecord(true))) {
            int n = Math.min(recordLeft, room - taken);
            dst.put(at + taken, ring, recordFrom, n);
            taken += n;
            recordFrom += n;
            recordLeft -= n;
            if (recordLeft == 0) {
                records++;
                head += recordAligned;
                if (head - published >= publishEvery) {
                    publish();
                }
            }
        }
        checkPresent();
        if (head != published) {
            publish();
        }
        dst.position(at + taken);
        if (taken > 0 && spins()) {
            moderation.took(records, taken, taken == room);
        }
        return taken;
    }

    @Override
    public ByteBuffer lend(int maxBytes) throws IOException {
        if (lent > 0) {
            throw new IllegalStateException("a handler must not read from the connection whose bytes it handles");
        }
        if (recordLeft == 0 && !nextRecord(true)) {
            return null;
        }
        lent = Math.min(recordLeft, maxBytes);
        keepAddresses(); // the application may look again when it must not any more
        return ring.slice(recordFrom, lent).asReadOnlyBuffer();
    }

    @Override
    public void checkMemory() throws MemoryLostException {
        checkPresent();
    }

    @Override
    public void takeLent() throws MemoryLostException {
        int taken = lent;
        lent = 0;
        checkPresent();
        recordFrom += taken;
        recordLeft -= taken;
        if (recordLeft == 0) {
            head += recordAligned;
            publish();
        }
    }

    private void publish() {
        published = head;
        LONG.setRelease(ring, headIndex, head); // partner: headAcquire in SpscRingSender
        if (peerWaits() && roomForWriter()) {
            wakeWaitingPeer();
        }
    }

    /** A writer that waits for much room is not woken for little, as long as there is more to read. */
    private boolean roomForWriter() {
        long fill = (long) LONG.getOpaque(ring, tailIndex) - head;
        int wanted = (int) INT.getOpaque(ring, RingLayout.WANTED);
        return fill <= 0 || capacity - fill >= wanted;
    }

    /**
     * Makes the next record with a payload current; false when there is none.
     *
     * @param mayGoRound whether one without a payload at the buffer's end may be skipped: an endless row of them must not
     *     keep a reader here
     */
    private boolean nextRecord(boolean mayGoRound) throws IOException {
        int index = (int) head & mask;
        int at = RingLayout.DATA + index;
        int length = (int) INT.getAcquire(ring, at); // partner: setRelease in SpscRingSender.writeRecord
        if (length <= 0) {
            return false;
        }
        int aligned = RingLayout.align(length);
        int type = (int) INT.get(ring, at + 4);
        if (length < RECORD_HEADER || aligned > capacity - index || aligned < 0) {
            checkPresent();
            throw new RingViolation("record of length " + length + " at index " + index + " of " + capacity);
        }
        if (type != RingLayout.TYPE_DATA && type != RingLayout.TYPE_PADDING && type != RingLayout.TYPE_URGENT) {
            checkPresent();
            throw new RingViolation("record of type " + type);
        }
        if (type == RingLayout.TYPE_PADDING
                || length == RECORD_HEADER
                || type == RingLayout.TYPE_URGENT && !takeUrgent()) {
            skip(type, length, aligned);
            return mayGoRound && nextRecord(false);
        }
        recordFrom = at + RECORD_HEADER;
        recordLeft = length - RECORD_HEADER;
        recordAligned = aligned;
        return true;
    }

    private void skip(int type, int length, int aligned) {
        head += aligned;
        if (type == RingLayout.TYPE_URGENT) {
            dropped += length - RECORD_HEADER;
        }
    }

    private boolean takeUrgent() {
        return urgentInline.getAsBoolean();
    }

    @Override
    public void urgentInline(BooleanSupplier inline) {
        urgentInline = inline;
    }

    @Override
    public long droppedBytes() {
        return dropped;
    }

    @Override
    public boolean hasData() throws IOException {
        return recordLeft > 0 || nextRecord(true);
    }

    @Override
    public int availableBytes() {
        int bytes = recordLeft;
        int index = (int) (head + (recordLeft > 0 ? recordAligned : 0)) & mask;
        for (int walked = 0; walked < capacity; ) {
            int at = RingLayout.DATA + index;
            int length = (int) INT.getAcquire(ring, at); // partner: setRelease in SpscRingSender.writeRecord
            int aligned = RingLayout.align(length);
            if (length < RECORD_HEADER || aligned <= 0 || aligned > capacity - index) {
                break;
            }
            bytes += (int) INT.get(ring, at + 4) == RingLayout.TYPE_DATA ? length - RECORD_HEADER : 0;
            walked += aligned;
            index = (index + aligned) & mask;
        }
        return Math.min(bytes, capacity);
    }

    @Override
    public int fillBytes() {
        if (!enterUse()) {
            return 0;
        }
        try {
            long fill = (long) LONG.getAcquire(ring, tailIndex) - head; // partner: setRelease in SpscRingSender
            return (int) Math.max(0, Math.min(capacity, fill));
        } finally {
            exitUse();
        }
    }

    @Override
    boolean observable() {
        if (recordLeft > 0 || (int) INT.getAcquire(ring, RingLayout.DATA + ((int) head & mask)) > 0) {
            return true; // partner: setRelease in SpscRingSender.writeRecord
        }
        return (int) INT.getAcquire(ring, RingLayout.SENDER_EVENTS) != seenEvents; // partner: SpscRingSender.event
    }

    @Override
    public void observe() {
        seenEvents = (int) INT.getAcquire(ring, RingLayout.SENDER_EVENTS); // partner: SpscRingSender.event
    }

    @Override
    public long start() {
        return offset(RingLayout.START);
    }

    @Override
    public long end() {
        return offset(RingLayout.END);
    }

    @Override
    public long fin() {
        return offset(RingLayout.FIN);
    }

    private long offset(int word) {
        if (!enterUse()) {
            return UNSET;
        }
        try {
            return (long) LONG.getAcquire(ring, word) - 1; // partner: setRelease in SpscRingSender.publish
        } finally {
            exitUse();
        }
    }

    @Override
    public boolean aborted() {
        return (senderState() & RingLayout.SENDER_ABORTED) != 0;
    }

    @Override
    public boolean cancelled() {
        return (senderState() & RingLayout.SENDER_CANCELLED) != 0;
    }

    private int senderState() {
        if (!enterUse()) {
            return 0;
        }
        try {
            return (int) INT.getAcquire(ring, RingLayout.SENDER_STATE); // partner: SpscRingSender.state
        } finally {
            exitUse();
        }
    }

    @Override
    long position() {
        return head;
    }

    @Override
    public void ready() {
        state(RingLayout.RECEIVER_READY | (heavy() ? RingLayout.RECEIVER_HEAVY : 0));
    }

    @Override
    public void close(boolean abort) {
        state(RingLayout.RECEIVER_CLOSED | (abort ? RingLayout.RECEIVER_ABORTED : 0));
    }

    /** The last store to the ring: from then on the owner may use it for another connection. */
    private void sayReleased() {
        int state = (int) INT.get(ring, RingLayout.RECEIVER_STATE);
        INT.setRelease(ring, RingLayout.RECEIVER_STATE, state | RingLayout.RECEIVER_RELEASED); // partner: the owner
    }

    private void state(int bits) {
        INT.setRelease(ring, RingLayout.RECEIVER_STATE, (int) INT.get(ring, RingLayout.RECEIVER_STATE) | bits);
        int events = (int) INT.get(ring, RingLayout.RECEIVER_EVENTS);
        INT.setRelease(ring, RingLayout.RECEIVER_EVENTS, events + 1); // partner: SpscRingSender.observable
        wakePeerForWord();
    }

    @Override
    public void release() {
        release(this::sayReleased);
    }
}
