package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.RingReceiver.UNSET;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.RingReceiver;

/** What the watch loop and the connection manager do with the incoming direction: they never wait for the application. */
abstract class IncomingControl extends IncomingPath {
    IncomingControl(StreamState state, TcpLink link, Outgoing outgoing, FrameBuffers buffers) {
        super(state, link, outgoing, buffers);
    }

    /** TCP is readable while the ring carries the data. Called by the loop's thread, which owns the TCP input now. */
    boolean controlReadable() {
        try {
            while (true) {
                if (frames.hasHeader()) {
                    if (!skipControl()) {
                        return false; // for the reader, when it has left the ring
                    }
                }
                int n = frames.fillHeaderOnly();
                if (n <= 0) {
                    return n == 0 || !controlEnded(null);
                }
            }
        } catch (FrameException e) {
            fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
            return false;
        } catch (IOException e) {
            return !controlEnded(e);
        }
    }

    /** Takes a frame that means nothing for the stream any more; false when it is for the reader. */
    boolean skipControl() throws IOException {
        if (frames.headerType() == Frame.NOP) {
            frames.takeHeader();
            woken();
            return true;
        }
        return skipOwedStart();
    }

    /**
     * Takes frames without data out of the kernel where the loop cannot, because a writer is, or is about to be, inside TCP
     * in blocking mode: an interrupt closes TCP there at once, and the kernel makes a reset of it when anything lies unread.
     */
    void takeControlBeside() throws IOException {
        if (path == Path.TCP || link.watching() || Thread.currentThread().isInterrupted() || !lock.tryLockOnce()) {
            return; // a reader is inside: it takes them
        }
        try {
            while (!link.watching() && !eof && !shut && frames.payloadLeft() == 0) {
                if (frames.hasHeader() ? !skipControl() : inKernel() == 0 || frames.fillHeaderOnly() <= 0) {
                    return;
                }
            }
        } finally {
            unlock();
        }
    }

    int inKernel() throws IOException {
        return link.inKernel();
    }

    boolean controlEnded(IOException error) {
        state.peerClosed(error);
        kick();
        outgoing.kick();
        state.tellListeners();
        return true;
    }

    /** Whether nothing more can come. */
    boolean finished() {
        return eof || shut;
    }

    boolean upgradable() {
        return path != Path.SHARED_MEMORY && !attached.present() && !eof && !shut;
    }

    boolean attach(RingReceiver r) {
        if (!upgradable() || state.ended() || !attached.reserve()) {
            return false;
        }
        lock.use(r.fence());
        r.urgentInline(link::urgentInline);
        r.ready(); // while it is reserved: nobody can release it meanwhile
        putBack(r);
        return true;
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#leaveReceiver}. */
    boolean leave(long limitNs) {
        long deadlineNs = System.nanoTime() + limitNs;
        while (!state.ended() && sharedMemoryInUse()) {
            if (withdrawAttached() || drainActive()) {
                state.tellListeners();
            } else if (System.nanoTime() - deadlineNs > 0) {
                return false;
            } else {
                kick();
                LockSupport.parkNanos(POLL_NS);
            }
        }
        if (state.ended()) {
            closeIfUnused();
        }
        return true;
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#prepareForLoss}. */
    void prepareForLoss() {
        if (path == Path.SHARED_MEMORY || !attached.present() || state.ended() || !lock.tryLockOnce()) {
            return;
        }
        try {
            if (!owesStart()) { // one such frame can be remembered: whoever reads comes to it, and then to the next
                switchIfStarted();
            }
        } catch (IOException e) {
            kick(); // the stream has failed
        } finally {
            unlock();
        }
    }

    /**
     * See {@link org.xenvmc.transport.spi.StreamControl#memoryLost}. While TCP is plain nobody can tell any more whether what it
     * brings next are bytes of the stream, or the frame that says that the sender has begun to use a ring.
     */
    void memoryLost() {
        RingReceiver r = claimAttached();
        if (r != null && r.mayVanish()) {
            attached.settle();
            r.release();
            if (path == Path.TCP) {
                fail(ReasonCode.MEMORY_WITHDRAWN, "the shared memory was withdrawn while a ring was about to be used");
            }
        } else if (r != null) {
            attached.putBack(r);
        }
        ringLost = true; // before the try: who holds the lock looks at this after unlocking
        if (lock.tryLock()) {
            unlock();
        } else {
            kick(); // a reader that sleeps comes by
        }
    }

    /** Whether memory of the peer is still looked at by this direction. */
    boolean sharedMemoryInUse() {
        if (ring != null && !(ring instanceof DrainedRing)) {
            return true;
        }
        RingReceiver r = attached.claim();
        if (r == null) {
            return attached.present();
        }
        putBack(r);
        return !(r instanceof DrainedRing);
    }

    boolean withdrawAttached() {
        RingReceiver r = attached.claim();
        if (r == null) {
            return false;
        }
        if (r.start() == UNSET) {
            if (r.cancelled()) {
                attached.settle();
                r.release();
                return true;
            }
        } else if (!(r instanceof DrainedRing) && (r.end() != UNSET || r.fin() != UNSET)) {
            drainClaimed(r);
            return true;
        }
        putBack(r);
        return false;
    }

    void drainClaimed(RingReceiver r) {
        try {
            putBack(drained(r, r.start()));
        } catch (IOException e) {
            putBack(r); // before the failure, which takes it from there
            fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
    }

    RingReceiver drained(RingReceiver r, long from) throws IOException {
        DrainedRing copy = DrainedRing.of(r, from);
        drainedBytes += copy.bytes();
        sleepsBefore += r.sleeps();
        wakeUpsBefore += r.wakeUps();
        r.release();
        return copy;
    }

    boolean drainActive() {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            RingReceiver r = ring;
            if (r == null || r instanceof DrainedRing) {
                return false;
            }
            if (r.end() == UNSET && r.fin() == UNSET) {
                return false;
            }
            if (r.end() == taken && !r.hasData()) {
                leaveRing(); // an idle reader need not come back for that
                return true;
            }
            ring = drained(r, taken);
            droppedSeen = 0;
            return true;
        } catch (IOException e) {
            fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
            return true;
        } finally {
            unlock();
        }
    }

    /** The sender's VM is gone. Returns whether a ring without an end is left behind; one that was not begun is forgotten. */
    boolean senderGone() {
        RingReceiver r = claimAttached();
        boolean unfinished = false;
        if (r != null && r.start() == UNSET) {
            attached.settle();
            r.release();
        } else if (r != null) {
            unfinished = endless(r);
            putBack(r);
        }
        RingReceiver active = ring;
        return unfinished || active != null && endless(active);
    }

    private static boolean endless(RingReceiver r) {
        return r.end() == UNSET && r.fin() == UNSET;
    }

    long drainedBytes() {
        return drainedBytes;
    }
}
