package org.xenvmc.tcp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.RingSender;

/**
 * The outgoing direction of a stream (paper: sender_t): where it stands, and how it changes its path. The thread that
 * writes switches to a ring that was left for it; whoever holds the write lock ends one. Fields belong to the holder of
 * the write lock if nothing else is said.
 */
abstract class OutgoingPath {
    private static final Logger LOG = System.getLogger(OutgoingPath.class.getName());
    /** Frames of a non-blocking writer: what does not fit of one is copied. */
    static final int MAX_KEPT = 16 * 1024;

    static final long POLL_NS = 50_000;
    /** For how long after a ring a writer lets others have the processor after each frame: one may be its reader. */
    static final long YIELD_NS = 5_000_000;

    static final int SHUTDOWN_TRIES = 40;
    static final long WRITABLE_LIMIT_NS = 100_000_000;
    static final long URGENT_WAIT_NS = 10_000_000;
    /** Something to do while no writer is inside TCP. */
    interface Action {
        void run() throws IOException;
    }

    final StreamState state;
    final TcpLink link;
    final PathLock lock = new PathLock();
    final Handover<RingSender> offered = new Handover<>();
    ByteBuffer header;
    Incoming incoming;
    volatile RingSender ring; // changed under the lock; kicked by anybody
    volatile RingSender draining; // ended, and not yet taken to its end by the receiver
    volatile Path path = Path.TCP;
    volatile ReasonCode leaving;
    volatile boolean shut;
    volatile boolean recheck;
    volatile boolean finSent;
    volatile boolean urgentOnTcp;
    /** The memory of the ring is gone. */
    volatile boolean ringLost;
    /** The peer may be asleep beside its rings: it is owed a frame. */
    volatile boolean wakeOwed;

    boolean wroteToNobody;
    long sent;
    /** Offset at which a ring was lost with nothing missing; the receiver does not know that before a frame says so. */
    long wentOnAt = -1;
    /** When a ring was ended last, as {@link System#nanoTime}. */
    long leftRingAtNs = System.nanoTime() - YIELD_NS;
    /** Offset of the first byte of the present ring. */
    long ringStart;
    /** Offsets of the first byte of the ring that is {@link #draining}, and of the one behind its last. */
    long drainingStart;

    long drainingEnd;
    long ringBytes;
    long switches;
    long sleepsBefore;
    long wakeUpsBefore;

    OutgoingPath(StreamState state, TcpLink link) {
        this.state = state;
        this.link = link;
    }

    void connect(Incoming other) {
        incoming = other;
    }

    void unlock() {
        if (wakeOwed) {
            payWake();
        }
        lock.unlock();
        // asked for by somebody who came too late for us to see it, and found the lock held
        while ((wakeOwed || ringLost) && !lock.isHeldByCurrentThread() && lock.tryLock()) {
            payWake();
            dropLostRing();
            lock.unlock();
        }
        if (state.ended() || shut && !finSent) {
            finishIfUnused();
        }
        if (incoming.wantsWatch()) {
            watchQuietly();
        }
        tellIfMissed();
    }

    /**
     * Sends the frame that is owed: one that means nothing, or the one that begins a ring. While TCP is plain, or
     * full, there is none: the peer looks by itself, later. The caller holds the lock.
     */
    void payWake() {
        if (!wakeOwed) {
            return;
        }
        wakeOwed = false;
        try {
            if (path == Path.TCP && !state.ended() && !shut && leaving == null) {
                switchIfOffered();
            } else if (path != Path.TCP && !link.hasPending() && !state.closed()) {
                sendStart(Frame.control(Frame.NOP, sent));
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a frame could not be sent: TCP is broken, and whoever uses it will be told", e);
        }
    }

    /**
     * After the memory was withdrawn: goes on over TCP if the receiver was seen to have taken everything, else fails.
     * The caller holds the lock.
     */
    void dropLostRing() {
        if (!ringLost) {
            return;
        }
        ringLost = false;
        RingSender r = ring;
        RingSender ended = draining;
        boolean sure = (r == null || r.allTaken()) && (ended == null || ended.allTaken());
        long from = r == null || r.allTaken() ? sent : unconfirmed(r, ringStart, sent);
        from = ended == null || ended.allTaken() ? from : unconfirmed(ended, drainingStart, drainingEnd);
        releaseDraining();
        if (r != null) {
            sleepsBefore += r.sleeps();
            wakeUpsBefore += r.wakeUps();
            ring = null;
            leaving = null;
            path = Path.FRAMED_TCP;
            switches++;
            state.observer().pathChanged(true, false, sent);
            r.release();
        }
        wentOnAt = sent;
        if (!sure) {
            incoming.fail(
                    from,
                    ReasonCode.MEMORY_WITHDRAWN,
                    "the shared memory was withdrawn, and of what this end has sent the peer may lack the bytes up to "
                            + sent);
        } else if (r != null && finSent && !state.ended()) {
            sendFinAgain();
        }
        link.wakeWriters();
        state.tellListeners();
    }

    /** Offset of the first byte in a ring that the receiver was not seen to have taken. Reads no shared memory. */
    private static long unconfirmed(RingSender r, long start, long end) {
        return Math.max(start, end - r.unconfirmedBytes());
    }

    /** It was a word in the ring, which the receiver may not have seen. */
    private void sendFinAgain() {
        try {
            link.finish(Frame.control(Frame.FIN, sent));
        } catch (IOException e) {
            state.peerClosed(e); // TCP is broken: nobody is there to be told
        }
    }

    /** A selector that could not look, because the lock was held, looks now. */
    private void tellIfMissed() {
        if (recheck) {
            recheck = false;
            state.tellListeners();
        }
    }

    void watchQuietly() {
        try {
            incoming.watchAfterWrite();
        } catch (IOException e) {
            state.peerClosed(e); // TCP cannot be watched any more because it is broken
        }
    }

    void checkOpen() throws IOException {
        if (state.closed()) {
            throw new ClosedChannelException();
        }
        if (shut) {
            throw new AsynchronousCloseException(); // what the JDK's channels throw
        }
        state.throwFailure();
    }

    /** Goes over to the ring that was left here, once its receiver is ready and nothing is kept back. */
    void switchIfOffered() throws IOException {
        if (!offered.present() || leaving != null || urgentOnTcp || !link.flush()) {
            return;
        }
        RingSender r = offered.claim();
        if (r == null) {
            return;
        }
        if (!r.receiverReady()) {
            offered.putBack(r);
            return;
        }
        r.start(sent); // before the frame: a reader that finds the frame finds the start
        ring = r;
        ringStart = sent;
        path = Path.SHARED_MEMORY;
        switches++;
        state.observer().pathChanged(true, true, sent);
        offered.settle();
        sendStart(Frame.control(Frame.START, sent));
        state.tellListeners();
    }

    /** TCP may be full of bytes that nobody reads: then the frame waits, and not the writer, who has a ring. */
    private void sendStart(ByteBuffer frame) throws IOException {
        if (!incoming.withoutReader(() -> link.writeControlNow(frame))) {
            link.writeControl(frame); // a reader keeps TCP in the application's mode, or the loop in the other
        }
    }

    /** Publishes where the ring ends; the rest goes over TCP. */
    void leaveNow() {
        RingSender r = ring;
        if (r != null) {
            if (!finSent) {
                r.end(sent);
            }
            sleepsBefore += r.sleeps();
            wakeUpsBefore += r.wakeUps();
            draining = r;
            leftRingAtNs = System.nanoTime();
            drainingStart = ringStart;
            drainingEnd = sent;
            ring = null;
            path = Path.FRAMED_TCP;
            switches++;
            state.observer().pathChanged(true, false, sent);
            state.tellListeners();
        }
        leaving = null;
    }

    void count(long n) {
        sent += n;
        state.countTcp(n);
    }

    /**
     * Runs an action if no writer is inside; else the writer runs {@link Incoming#watchAfterWrite} when it comes out.
     */
    boolean withoutWriter(Action action) throws IOException {
        if (lock.tryLock()) {
            try {
                action.run();
                return true;
            } finally {
                lock.unlock();
                tellIfMissed();
                if (state.ended() || shut && !finSent) {
                    finishIfUnused();
                }
            }
        }
        return false;
    }

    /** Takes back a ring that was not used yet. Afterwards the writer has switched to it, or never will. */
    void withdrawOffer() {
        RingSender r = offered.take();
        if (r != null) {
            offered.settle();
            r.cancel();
            r.release();
        }
    }

    void releaseDraining() {
        RingSender r = draining;
        if (r != null) {
            draining = null;
            r.release();
        }
    }

    /** Whether the receiver has everything of the ring that was ended. */
    boolean drained() {
        RingSender r = draining;
        if (r == null) {
            return true;
        }
        if (!r.receiverDone()) {
            return false;
        }
        releaseDraining();
        return true;
    }

    void kick() {
        RingSender r = ring;
        if (r != null) {
            r.kick();
        }
        link.wakeWriters();
    }

    /** After shutdown or close: publishes the end and gives the rings back, now or when the writer comes out. */
    void finishIfUnused() {
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return;
        }
        try {
            withdrawOffer();
            if (!finSent) {
                finSent = true;
                sendFin();
            }
        } catch (IOException e) {
            state.peerClosed(e); // TCP is broken: nobody is there to be told
        } finally {
            if (state.ended()) {
                giveBack();
            }
            lock.unlock();
            tellIfMissed();
        }
    }

    void sendFin() throws IOException {
        RingSender r = ring;
        if (r != null) {
            if (state.aborting()) {
                r.abort(); // before the fin, so that the receiver does not take it for an orderly end
            }
            r.fin(sent);
        } else if (shut && !state.ended() || owesWhereItWentOn()) {
            if (path == Path.TCP) {
                link.channel().shutdownOutput();
            } else {
                link.finish(Frame.control(Frame.FIN, sent));
            }
        }
    }

    /**
     * An orderly close, with nothing said since a ring was lost: without a frame the receiver would have to take it
     * for a loss.
     */
    private boolean owesWhereItWentOn() {
        return path == Path.FRAMED_TCP && wentOnAt == sent && !state.failed() && !state.aborting();
    }

    void giveBack() {
        RingSender r = ring;
        if (r != null) {
            sleepsBefore += r.sleeps();
            wakeUpsBefore += r.wakeUps();
            ring = null;
            if (state.aborting()) {
                r.abort();
            }
            r.release();
        }
        releaseDraining();
    }

    ConnectionInfo.Direction info() {
        RingSender r = ring;
        boolean shared = path == Path.SHARED_MEMORY && r != null;
        ReasonCode why = shared ? ReasonCode.NONE : offered.present() ? ReasonCode.AWAITING_NEXT_WRITE : state.reason();
        return new ConnectionInfo.Direction(
                path,
                why,
                sent,
                ringBytes,
                switches,
                shared ? r.capacityBytes() : 0,
                shared ? r.fillBytes() : 0,
                sleepsBefore + (r == null ? 0 : r.sleeps()),
                wakeUpsBefore + (r == null ? 0 : r.wakeUps()),
                shared ? r.positionBytes() : 0,
                shared ? r.unconfirmedBytes() : 0);
    }
}
