package org.xenvmc.shm.ring;

import static org.xenvmc.shm.ring.RingLayout.INT;
import static org.xenvmc.shm.ring.RingLayout.LONG;
import static org.xenvmc.shm.ring.RingLayout.RECORD_HEADER;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.transport.spi.RingSender;

/**
 * Writes records in the format of Agrona's {@code OneToOneRingBuffer} (2.x), as a byte stream: a record never needs padding
 * to the end of the buffer, because it can be cut there. The tail is private and only published; the head, which the peer
 * writes, is checked before it is believed.
 */
public final class SpscRingSender extends RingEnd implements RingSender {
    /** A record is at most this long, so that the receiver can copy one while the next is written. */
    private static final int MAX_RECORD = 16 * 1024;

    /** Room for a record with one byte, the header that follows it, and padding at the end of the buffer before it. */
    private static final int LEAST_ROOM = 4 * RECORD_HEADER;

    private final int maxRecord;
    private final int tailIndex;
    private final int headIndex;
    private long tail;
    private long head;
    private int wanted = LEAST_ROOM;
    private int seenEvents;
    private int seenWriteEvents;
    private final ByteBuffer urgent = ByteBuffer.allocate(1);
    private long finishedAt = Long.MAX_VALUE;

    private static final Words WORDS = new Words(
            RingLayout.WRITER_WAIT,
            RingLayout.READER_WAIT,
            RingLayout.SENDER_UNFENCED,
            RingLayout.RECEIVER_UNFENCED,
            RingLayout.RECEIVER_STATE,
            RingLayout.RECEIVER_HEAVY);

    /** Takes an initialised ring. */
    public SpscRingSender(RingPlace place) {
        super(place, WORDS);
        this.maxRecord = Math.min(MAX_RECORD, capacity >> 3);
        this.tailIndex = RingLayout.tailPosition(capacity);
        this.headIndex = RingLayout.headPosition(capacity);
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        if ((int) INT.getOpaque(ring, RingLayout.RECEIVER_EVENTS) != seenWriteEvents && closedByReceiver()) {
            return -1;
        }
        checkPresent();
        int from = src.position();
        int remaining = src.remaining();
        int written = 0;
        while (written < remaining) {
            int n = writeRecord(RingLayout.TYPE_DATA, src, from + written, Math.min(remaining - written, maxRecord));
            if (n == 0) {
                wanted = Math.min(remaining - written, capacity >> 2) + 2 * RECORD_HEADER;
                src.position(from + written);
                return written;
            }
            written += n;
            wakePeer();
        }
        wanted = LEAST_ROOM;
        src.position(from + written);
        return written;
    }

    @Override
    public boolean writeUrgent(byte data) throws IOException {
        urgent.put(0, data);
        boolean written = writeRecord(RingLayout.TYPE_URGENT, urgent, 0, 1) == 1;
        if (written) {
            wakePeer();
        } else {
            wanted = LEAST_ROOM;
        }
        return written;
    }

    private boolean closedByReceiver() {
        seenWriteEvents = (int) INT.getAcquire(ring, RingLayout.RECEIVER_EVENTS); // partner: SpscRingReceiver.state
        boolean closed = receiverClosed();
        seenWriteEvents = closed ? seenWriteEvents - 1 : seenWriteEvents; // look again at the next write
        return closed;
    }

    /** Writes one record of at most {@code length} bytes; returns what went in. */
    private int writeRecord(int type, ByteBuffer src, int from, int length) throws IOException {
        int wish = Math.min(RingLayout.align(length + RECORD_HEADER), maxRecord);
        int room = room(wish + RECORD_HEADER) - RECORD_HEADER; // the next record's header is zeroed in advance
        int index = (int) tail & mask;
        int contiguous = Math.min(capacity - index, room);
        if (contiguous <= RECORD_HEADER) {
            return contiguous == RECORD_HEADER && capacity - index == RECORD_HEADER && pad(index)
                    ? writeRecord(type, src, from, length)
                    : 0;
        }
        int recordLength = Math.min(Math.min(length + RECORD_HEADER, contiguous), maxRecord);
        int aligned = RingLayout.align(recordLength);
        int at = RingLayout.DATA + index;
        LONG.set(ring, RingLayout.DATA + ((index + aligned) & mask), 0L);
        ring.put(at + RECORD_HEADER, src, from, recordLength - RECORD_HEADER);
        tail += aligned;
        LONG.setRelease(ring, tailIndex, tail); // partner: estimates only
        LONG.setRelease(ring, at, RingLayout.header(recordLength, type)); // partner: lengthAcquire in SpscRingReceiver
        return recordLength - RECORD_HEADER;
    }

    private boolean pad(int index) {
        int at = RingLayout.DATA + index;
        LONG.set(ring, RingLayout.DATA, 0L);
        tail += RECORD_HEADER;
        LONG.setRelease(ring, tailIndex, tail); // partner: estimates only
        LONG.setRelease(
                ring,
                at,
                RingLayout.header(
                        RECORD_HEADER, RingLayout.TYPE_PADDING)); // partner: lengthAcquire in SpscRingReceiver
        return true;
    }

    /** Free bytes; looks at the peer's head only when fewer than {@code needed} are known to be free. */
    private int room(int needed) throws IOException {
        int room = capacity - (int) (tail - head);
        if (room < needed) {
            head = checkedHead();
            room = capacity - (int) (tail - head);
        }
        return room;
    }

    private long checkedHead() throws IOException {
        long seen = (long) LONG.getAcquire(ring, headIndex); // partner: setRelease in SpscRingReceiver.publish
        if (seen < head || seen > tail || (seen & 7) != 0) {
            checkPresent();
            throw new RingViolation("head " + seen + " is not between " + head + " and " + tail + " or not aligned");
        }
        return seen;
    }

    @Override
    public boolean hasRoom() throws IOException {
        return room(wanted) >= wanted;
    }

    @Override
    boolean observable() {
        int events = (int) INT.getAcquire(ring, RingLayout.RECEIVER_EVENTS); // partner: state changes of the receiver
        if (events != seenEvents) {
            return true;
        }
        long seen = (long) LONG.getAcquire(ring, headIndex); // partner: setRelease in SpscRingReceiver.publish
        return capacity - (tail - seen) >= wanted;
    }

    @Override
    long position() {
        return tail;
    }

    @Override
    void beforeWaiting() {
        INT.setOpaque(ring, RingLayout.WANTED, wanted);
    }

    @Override
    public void observe() {
        seenEvents = (int) INT.getAcquire(ring, RingLayout.RECEIVER_EVENTS); // partner: SpscRingReceiver.state
    }

    @Override
    public boolean receiverReady() {
        return (receiverState() & RingLayout.RECEIVER_READY) != 0;
    }

    @Override
    public boolean receiverClosed() {
        return (receiverState() & (RingLayout.RECEIVER_CLOSED | RingLayout.RECEIVER_RELEASED)) != 0;
    }

    @Override
    public boolean receiverAborted() {
        return (receiverState() & RingLayout.RECEIVER_ABORTED) != 0;
    }

    @Override
    public boolean receiverDone() {
        if (!enterUse()) {
            return true;
        }
        try {
            long seen = (long) LONG.getAcquire(ring, headIndex); // partner: setRelease in SpscRingReceiver.publish
            return seen >= finishedAt
                    || ((int) INT.getAcquire(ring, RingLayout.RECEIVER_STATE)
                                    & (RingLayout.RECEIVER_CLOSED | RingLayout.RECEIVER_RELEASED))
                            != 0;
        } finally {
            exitUse();
        }
    }

    @Override
    public void acknowledge() {
        if (head == tail || !enterUse()) {
            return;
        }
        try {
            head = checkedHead();
        } catch (IOException e) {
            return; // the next write will say it
        } finally {
            exitUse();
        }
    }

    @Override
    public boolean allTaken() {
        return head == tail;
    }

    @Override
    public int unconfirmedBytes() {
        return (int) Math.min(capacity, tail - head); // what goes with each record included
    }

    private int receiverState() {
        if (!enterUse()) {
            return RingLayout.RECEIVER_RELEASED;
        }
        try {
            return (int) INT.getAcquire(ring, RingLayout.RECEIVER_STATE); // partner: SpscRingReceiver.state
        } finally {
            exitUse();
        }
    }

    @Override
    public void start(long offset) {
        if (heavy()) {
            INT.setRelease(ring, RingLayout.SENDER_STATE, RingLayout.SENDER_HEAVY); // partner: FenceMode.notWaiting
        }
        publish(RingLayout.START, offset);
    }

    @Override
    public void end(long offset) {
        finishedAt = tail;
        publish(RingLayout.END, offset);
    }

    @Override
    public void fin(long offset) {
        finishedAt = tail;
        publish(RingLayout.FIN, offset);
    }

    @Override
    public void abort() {
        finishedAt = tail;
        state(RingLayout.SENDER_ABORTED);
    }

    @Override
    public void cancel() {
        state(RingLayout.SENDER_CANCELLED);
    }

    private void publish(int word, long offset) {
        LONG.setRelease(ring, word, offset + 1); // partner: SpscRingReceiver.offset
        event();
    }

    private void state(int bit) {
        INT.setRelease(ring, RingLayout.SENDER_STATE, (int) INT.get(ring, RingLayout.SENDER_STATE) | bit);
        event();
    }

    private void event() {
        int events = (int) INT.get(ring, RingLayout.SENDER_EVENTS);
        INT.setRelease(ring, RingLayout.SENDER_EVENTS, events + 1); // partner: SpscRingReceiver.observable
        wakePeerForWord();
    }

    @Override
    public int fillBytes() {
        if (!enterUse()) {
            return 0;
        }
        try {
            long fill = tail - (long) LONG.getAcquire(ring, headIndex); // partner: SpscRingReceiver.publish
            return (int) Math.max(0, Math.min(capacity, fill));
        } finally {
            exitUse();
        }
    }

    @Override
    public void release() {
        release(() -> {});
    }
}
