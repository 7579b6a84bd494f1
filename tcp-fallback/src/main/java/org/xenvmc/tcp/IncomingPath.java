package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.RingReceiver.UNSET;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.RingReceiver;

/**
 * The incoming direction of a stream (paper: recver_t): where it stands, and how it changes its path. Bytes are
 * numbered from 0; {@code taken} is the number of the next one.
 *
 * <pre>
 *   TCP --(sender's start reached)--> SHARED_MEMORY --(sender's end reached)--> FRAMED_TCP --(START frame)-->
 *   SHARED_MEMORY ...
 * </pre>
 *
 * <p>Fields belong to the holder of the read lock if nothing else is said.
 */
abstract class IncomingPath {
    /** A step of reading changed the path: look again. */
    static final int AGAIN = -2;

    static final long POLL_NS = 50_000;
    static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);
    final StreamState state;
    final TcpLink link;
    final Outgoing outgoing;
    final FrameReader frames;
    final PathLock lock = new PathLock();
    final Lending lending = new Lending();
    final Handover<RingReceiver> attached = new Handover<>();
    volatile RingReceiver ring; // changed under the lock; kicked by anybody
    volatile Path path = Path.TCP;
    volatile boolean eof;
    volatile boolean shut;
    volatile boolean recheck;
    volatile boolean reset;
    /** The memory of the ring is gone. */
    volatile boolean ringLost;
    /** Offset at which a ring was lost, as long as the sender has not said in a frame that nothing is missing there. */
    volatile long withdrawnAt = UNSET;

    long taken;
    long droppedSeen;
    long ringBytes;
    long switches;
    long sleepsBefore;
    long wakeUpsBefore;
    /** Offset of a START frame that is still to come, because the ring was entered by the word in its header. */
    volatile long owedStart = UNSET;

    volatile long drainedBytes;

    IncomingPath(StreamState state, TcpLink link, Outgoing outgoing, FrameBuffers buffers) {
        this.state = state;
        this.link = link;
        this.outgoing = outgoing;
        this.frames = new FrameReader(link, buffers);
    }

    void unlock() {
        lock.unlock();
        // noticed by somebody who found the lock held; not while a caller of this thread still works with the ring
        while (ringLost && !lock.isHeldByCurrentThread() && lock.tryLock()) {
            dropLostRing();
            lock.unlock();
        }
        if (state.ended()) {
            closeIfUnused();
        }
        if (recheck) {
            recheck = false;
            state.tellListeners();
        }
    }

    /**
     * After the memory was withdrawn: what was taken was taken; what comes next comes in frames, if the sender is sure
     * that nothing is missing, else he ends the connection. The caller holds the lock.
     */
    void dropLostRing() {
        if (!ringLost) {
            return;
        }
        ringLost = false;
        RingReceiver r = ring;
        if (r != null && r.mayVanish()) {
            try {
                withdrawnAt = taken; // a sender that is sure goes on from here; one that is not ends TCP
                leaveRing();
            } catch (IOException e) {
                state.peerClosed(e); // TCP is broken
            }
        }
    }

    void checkOpen() throws IOException {
        if (state.closed()) {
            throw new ClosedChannelException();
        }
        state.throwFailure();
    }

    int readFromRing(RingReceiver r, ByteBuffer dst) throws IOException {
        int n;
        try {
            n = lending.active() ? lending.show(r, dst) : r.read(dst);
        } catch (MemoryLostException e) {
            ringLost = true; // what was copied does not count
            return 0;
        } catch (IOException e) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
        taken += n;
        ringBytes += n;
        accountDropped(r);
        return n;
    }

    /** Urgent data that was dropped counts as taken. */
    void accountDropped(RingReceiver r) {
        long dropped = r.droppedBytes();
        if (dropped != droppedSeen) {
            taken += dropped - droppedSeen;
            droppedSeen = dropped;
        }
    }

    /**
     * TCP has ended: after the memory was withdrawn, and before the sender has said where he goes on, bytes of the ring
     * may be missing, whether TCP ends by a reset or as if nothing were wrong.
     */
    void checkNothingWithdrawn() throws IOException {
        if (withdrawnAt != UNSET && withdrawnAt == taken && !state.closed()) {
            throw fail(
                    ReasonCode.MEMORY_WITHDRAWN,
                    "the shared memory was withdrawn, and the peer has ended the connection without going on");
        }
    }

    IOException connectionReset() {
        reset = true;
        state.peerClosed(new SocketException("Connection reset"));
        return new SocketException("Connection reset");
    }

    void checkReached(String word, long offset) throws IOException {
        if (offset != taken) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, word + " is " + offset + " but the ring is empty at " + taken);
        }
    }

    void enterRing(RingReceiver r) throws IOException {
        droppedSeen = r.droppedBytes();
        ring = r;
        path = Path.SHARED_MEMORY;
        switches++;
        state.observer().pathChanged(false, true, taken);
        attached.settle();
        skipOwedStart(); // the frame may have come together with the last bytes
        frames.trim();
        watchIfPossible();
        state.tellListeners();
    }

    /** Takes the frame that says what the ring's header has said before. Judges no other frame. */
    boolean skipOwedStart() throws IOException {
        boolean owed = owedStart != UNSET && frames.hasHeader() && frames.isStart(owedStart);
        if (owed) {
            frames.takeHeader();
            owedStart = UNSET;
        }
        return owed;
    }

    /** Whether the frame of a ring that was entered by its word is still to come, or to be taken. */
    boolean owesStart() {
        return owedStart != UNSET;
    }

    void leaveRing() throws IOException {
        link.unwatch();
        RingReceiver r = ring;
        sleepsBefore += r.sleeps();
        wakeUpsBefore += r.wakeUps();
        ring = null;
        path = Path.FRAMED_TCP;
        switches++;
        state.observer().pathChanged(false, false, taken);
        r.release();
        state.tellListeners();
        state.handle().reconsider();
    }

    /** While the ring carries the data, the loop watches TCP; a writer inside TCP does this when it comes out. */
    void watchIfPossible() throws IOException {
        if (path == Path.SHARED_MEMORY && !link.watching() && !state.closed()) {
            outgoing.withoutWriter(link::watch);
        }
    }

    /** Called by the writer's thread when it comes out of TCP. */
    void watchAfterWrite() throws IOException {
        if (!lock.tryLock()) {
            kick(); // the reader sleeps: it does it itself
            return;
        }
        try {
            watchIfPossible();
        } finally {
            unlock();
        }
    }

    boolean wantsWatch() {
        return path == Path.SHARED_MEMORY && !link.watching() && !state.closed();
    }

    void count(long n) {
        taken += n;
        state.countTcp(n);
    }

    /** The attached ring, in the caller's hands; null when there is none (any more). */
    RingReceiver claimAttached() {
        return attached.take();
    }

    /** Lets go of a claimed ring; gives it back if the stream ended while it was claimed. */
    void putBack(RingReceiver r) {
        attached.putBack(r);
        if (state.ended()) {
            closeIfUnused();
        }
    }

    /** How many of the bytes just read lie beyond the start of the ring; they are taken back. */
    int surplus(long n) throws IOException {
        RingReceiver r = claimAttached();
        if (r == null) {
            return 0;
        }
        long start = r.start();
        attached.putBack(r);
        if (start == UNSET || start >= taken) {
            return 0;
        }
        if (start < taken - n) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, "start " + start + " lies before " + (taken - n));
        }
        int surplus = (int) (taken - start);
        taken = start;
        return surplus;
    }

    /** Goes over to the attached ring if it starts at this offset. */
    boolean switchIfStarted() throws IOException {
        RingReceiver r = claimAttached();
        if (r == null) {
            return false;
        }
        long start = r.start();
        if (start != taken) {
            attached.putBack(r);
            if (start != UNSET && start < taken) {
                throw fail(ReasonCode.PROTOCOL_VIOLATION, "start " + start + " lies before " + taken);
            }
            return false;
        }
        owedStart = start;
        enterRing(r);
        return true;
    }

    /** 0: go on; AGAIN: the path changed; -1: the stream ended. */
    int takeFrame() throws IOException {
        byte type;
        try {
            type = frames.headerType();
        } catch (IOException e) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
        if (skipOwedStart()) {
            return 0;
        }
        if (frames.headerOffset() != taken && type != Frame.NOP) {
            throw fail(
                    ReasonCode.PROTOCOL_VIOLATION,
                    "a frame speaks of offset " + frames.headerOffset() + ", expected " + taken);
        }
        frames.takeHeader();
        if (type != Frame.NOP) {
            withdrawnAt = UNSET; // the sender goes on from what was taken
        }
        if (type == Frame.START) {
            return startFromFrame();
        }
        if (type == Frame.NOP) {
            woken();
        }
        if (type == Frame.URGENT && !link.urgentInline()) {
            frames.discardPayload();
        }
        eof |= type == Frame.FIN;
        return eof ? -1 : 0;
    }

    /** A frame that means nothing: the peer may have done something to the rings. */
    void woken() {
        kick();
        outgoing.kick();
        state.tellListeners();
    }

    int startFromFrame() throws IOException {
        RingReceiver r = claimAttached();
        if (r == null) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, "START without a ring");
        }
        if (r.start() != taken) {
            attached.putBack(r);
            throw fail(ReasonCode.PROTOCOL_VIOLATION, "START at " + taken + " but the ring starts at " + r.start());
        }
        enterRing(r);
        return AGAIN;
    }

    /** Runs an action if no reader is inside. */
    boolean withoutReader(OutgoingPath.Action action) throws IOException {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            action.run();
            return true;
        } finally {
            unlock();
        }
    }

    void kick() {
        RingReceiver r = ring;
        if (r != null) {
            r.kick();
        }
    }

    ConnectionLostException fail(ReasonCode why, String detail) {
        return fail(taken, why, detail);
    }

    /** Ends the stream with an error that names an offset of either direction. */
    ConnectionLostException fail(long offset, ReasonCode why, String detail) {
        state.fail(() -> new ConnectionLostException(offset, why, detail));
        state.reason(why);
        outgoing.kick();
        return new ConnectionLostException(offset, why, detail);
    }

    /** After close: gives the rings back, now or when the reader comes out. */
    void closeIfUnused() {
        if (!state.ended() || lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return;
        }
        try {
            RingReceiver r = ring;
            if (r != null) {
                sleepsBefore += r.sleeps();
                wakeUpsBefore += r.wakeUps();
                ring = null;
                r.close(state.aborting());
                r.release();
            }
            RingReceiver a = claimAttached();
            if (a != null) {
                attached.settle();
                a.close(state.aborting());
                a.release();
            }
        } finally {
            lock.unlock();
        }
    }
}
