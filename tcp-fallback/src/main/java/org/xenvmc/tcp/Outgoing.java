package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.RingSender;

/**
 * The outgoing direction of a stream (paper: sender_t). The thread that writes switches to a ring that was left for it; whoever
 * holds the write lock ends one. All fields belong to the holder of the write lock if nothing else is said.
 */
final class Outgoing {
    /** Frames of a non-blocking writer: what does not fit of one is copied. */
    private static final int MAX_KEPT = 16 * 1024;

    private static final long POLL_NS = 50_000;
    private static final int SHUTDOWN_TRIES = 40;
    private static final long WRITABLE_LIMIT_NS = 100_000_000;
    private static final long URGENT_WAIT_NS = 10_000_000;

    /** Something to do while no writer is inside TCP. */
    interface Action {
        void run() throws IOException;
    }

    private final StreamState state;
    private final TcpLink link;
    private final ReentrantLock lock = new ReentrantLock();
    private final Handover<RingSender> offered = new Handover<>();
    private ByteBuffer header;
    private Incoming incoming;
    private volatile RingSender ring; // changed under the lock; kicked by anybody
    private volatile RingSender draining; // ended, and not yet taken to its end by the receiver
    private volatile Path path = Path.TCP;
    private volatile ReasonCode leaving;
    private volatile boolean shut;
    private volatile boolean recheck;
    private volatile boolean finSent;
    private volatile boolean urgentOnTcp;
    private boolean wroteToNobody;
    private long sent;
    private long ringBytes;
    private long switches;
    private long sleepsBefore;
    private long wakeUpsBefore;

    Outgoing(StreamState state, TcpLink link) {
        this.state = state;
        this.link = link;
    }

    void connect(Incoming other) {
        incoming = other;
    }

    // ---- writing

    int write(ByteBuffer src, boolean blocking) throws IOException {
        int from = src.position();
        lock.lock();
        try {
            RingSender r = ring;
            if (r != null && leaving == null && !shut && !state.attention()) {
                int n = writeToRing(r, src);
                if (!src.hasRemaining()) {
                    return n;
                }
                return n + (blocking || n == 0 ? writeSlow(src, blocking) : 0);
            }
            return writeSlow(src, blocking);
        } catch (IOException e) {
            return unlessCutShort(e, src.position() - from);
        } finally {
            unlock();
        }
    }

    /** A write that is ended after it has written something returns what it wrote, as the JDK's; the next one fails. */
    private static int unlessCutShort(IOException e, int written) throws IOException {
        if (written > 0 && !(e instanceof ClosedByInterruptException)) {
            return written;
        }
        throw e;
    }

    long write(ByteBuffer[] srcs, int offset, int length, boolean blocking) throws IOException {
        lock.lock();
        try {
            checkOpen();
            switchIfOffered();
            if (path == Path.TCP && ring == null && (!blocking || link.channel().isBlocking())) {
                return gatherRaw(srcs, offset, length);
            }
            long total = 0;
            for (int i = offset; i < offset + length; i++) {
                if (srcs[i].hasRemaining()) {
                    int n = writeNext(srcs[i], blocking, total > 0);
                    total += n;
                    if (srcs[i].hasRemaining()) {
                        break;
                    }
                }
            }
            return total;
        } finally {
            unlock();
        }
    }

    private int writeNext(ByteBuffer src, boolean blocking, boolean wroteBefore) throws IOException {
        int from = src.position();
        try {
            return writeSlow(src, blocking);
        } catch (IOException e) {
            int n = src.position() - from;
            return n == 0 && wroteBefore ? unlessCutShort(e, 1) - 1 : unlessCutShort(e, n);
        }
    }

    private long gatherRaw(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long n = link.channel().write(srcs, offset, length);
        count(n);
        return n;
    }

    private void unlock() {
        lock.unlock();
        if (state.ended() || shut && !finSent) {
            finishIfUnused();
        }
        if (incoming.wantsWatch()) {
            watchQuietly();
        }
        if (recheck) {
            recheck = false;
            state.tellListeners();
        }
    }

    private void watchQuietly() {
        try {
            incoming.watchAfterWrite();
        } catch (IOException e) {
            state.peerClosed(e); // TCP cannot be watched any more because it is broken
        }
    }

    private int writeSlow(ByteBuffer src, boolean blocking) throws IOException {
        int total = 0;
        while (true) {
            checkOpen();
            switchIfOffered();
            if (leaving != null) {
                leaveNow();
            }
            int n = step(src, blocking);
            total += n;
            if (!src.hasRemaining() || !blocking && (n > 0 || leaving == null)) {
                return total;
            }
            if (n == 0 && path != Path.SHARED_MEMORY) {
                awaitWritable();
            }
        }
    }

    private int step(ByteBuffer src, boolean blocking) throws IOException {
        try {
            return path == Path.SHARED_MEMORY
                    ? writeRing(src, blocking)
                    : path == Path.TCP ? writeRaw(src) : writeFramed(src, blocking);
        } catch (ClosedChannelException e) {
            state.throwFailure(); // a failure closes TCP below the channel
            throw e;
        }
    }

    private void awaitWritable() throws IOException {
        boolean completed = false;
        state.section.beginBlocking();
        try {
            link.awaitWritable(WRITABLE_LIMIT_NS);
            completed = !state.closed();
        } finally {
            state.section.endBlocking(completed);
        }
    }

    private void checkOpen() throws IOException {
        if (state.closed()) {
            throw new ClosedChannelException();
        }
        if (shut) {
            throw new AsynchronousCloseException(); // what the JDK's channels throw
        }
        state.throwFailure();
    }

    // ---- the ring

    private int writeToRing(RingSender r, ByteBuffer src) throws IOException {
        int n;
        try {
            n = r.write(src);
        } catch (IOException e) {
            throw incoming.fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
        if (n < 0) {
            return writeToNobody(src, r.receiverAborted());
        }
        sent += n;
        ringBytes += n;
        return n;
    }

    private int writeRing(ByteBuffer src, boolean blocking) throws IOException {
        int total = 0;
        boolean began = false;
        boolean completed = false;
        try {
            while (true) {
                if (state.peerClosed()) {
                    return total + writeToNobody(src, state.controlError() != null);
                }
                ring.observe();
                total += writeToRing(ring, src);
                if (!src.hasRemaining() || !blocking || leaving != null) {
                    completed = true;
                    return total;
                }
                if (!began) {
                    began = true;
                    state.section.beginBlocking();
                }
                if (state.ended() || shut) {
                    return total;
                }
                ring.await(ByteStream.FOREVER);
            }
        } finally {
            if (began) {
                state.section.endBlocking(completed);
            }
        }
    }

    /**
     * The receiver has closed. As with TCP, where only the answer to the next bytes tells that nobody reads them, the first
     * write after an orderly close is taken, and the next fails.
     */
    private int writeToNobody(ByteBuffer src, boolean aborted) throws IOException {
        if (aborted || wroteToNobody) {
            throw new IOException("Broken pipe");
        }
        wroteToNobody = true;
        int n = src.remaining();
        src.position(src.limit());
        sent += n;
        return n;
    }

    /** Sends one byte of urgent data (TCP's urgent pointer, or its stand-in on the other paths). */
    void sendUrgent(byte data) throws IOException {
        lock.lock();
        try {
            checkOpen();
            switchIfOffered();
            if (leaving != null) {
                leaveNow();
            }
            if (path == Path.TCP) {
                urgentOnTcp = true; // its receiver alone knows whether the byte counts: no offset can be agreed on any more
                link.channel().socket().sendUrgentData(data);
                return;
            }
            sendUrgentBeside(data);
        } finally {
            unlock();
        }
    }

    private void sendUrgentBeside(byte data) throws IOException {
        while (path == Path.SHARED_MEMORY) {
            if (state.peerClosed() || ring.receiverClosed()) {
                throw new IOException("Broken pipe");
            }
            ring.observe();
            if (ring.writeUrgent(data)) {
                sent++;
                return;
            }
            ring.await(URGENT_WAIT_NS);
            checkOpen();
            if (leaving != null) {
                leaveNow();
            }
        }
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES + 1);
        Frame.putHeader(frame, Frame.URGENT, 1, sent);
        link.finish(frame.put(data).flip());
        sent++;
    }

    /** Goes over to the ring that was left here, once its receiver is ready and nothing is kept back. */
    private void switchIfOffered() throws IOException {
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
        path = Path.SHARED_MEMORY;
        switches++;
        offered.settle();
        link.writeOrKeep(Frame.control(Frame.START, sent));
        state.tellListeners();
    }

    /** Publishes where the ring ends; the rest goes over TCP. */
    private void leaveNow() {
        RingSender r = ring;
        if (r != null) {
            if (!finSent) {
                r.end(sent);
            }
            sleepsBefore += r.sleeps();
            wakeUpsBefore += r.wakeUps();
            draining = r;
            ring = null;
            path = Path.FRAMED_TCP;
            switches++;
            state.tellListeners();
        }
        leaving = null;
    }

    // ---- TCP

    private int writeRaw(ByteBuffer src) throws IOException {
        int n = link.channel().write(src);
        count(n);
        return n;
    }

    private void count(long n) {
        sent += n;
        state.countTcp(n);
    }

    private int writeFramed(ByteBuffer src, boolean blocking) throws IOException {
        if (!src.hasRemaining()) {
            return 0;
        }
        if (!link.flush()) {
            return 0;
        }
        boolean whole = blocking && link.channel().isBlocking();
        int length = Math.min(src.remaining(), whole ? Frame.MAX_PAYLOAD : MAX_KEPT);
        ByteBuffer payload = src.duplicate().limit(src.position() + length);
        if (header == null) {
            header = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
        }
        Frame.putHeader(header.clear(), Frame.DATA, length, sent);
        ByteBuffer[] frame = {header.flip(), payload};
        if (link.channel().write(frame) == 0 && !whole) {
            return 0;
        }
        link.writeOrKeep(frame);
        src.position(src.position() + length);
        count(length);
        return length;
    }

    /**
     * Sends a frame that means nothing, so that firewalls and address translators do not forget the TCP connection beside the
     * ring. Called by the watch loop's thread; does nothing where it could block.
     */
    void keepAlive() throws IOException {
        if (path == Path.SHARED_MEMORY && link.watching() && !link.hasPending()) {
            withoutWriter(() -> {
                if (path == Path.SHARED_MEMORY && link.watching() && !link.hasPending()) {
                    link.writeOrKeep(Frame.control(Frame.NOP, sent));
                }
            });
        }
    }

    /** Runs an action if no writer is inside; else the writer runs {@link Incoming#watchAfterWrite} when it comes out. */
    boolean withoutWriter(Action action) throws IOException {
        if (lock.tryLock()) {
            try {
                action.run();
                return true;
            } finally {
                lock.unlock();
                if (state.ended() || shut && !finSent) {
                    finishIfUnused();
                }
            }
        }
        return false;
    }

    // ---- the connection manager

    boolean upgradable() {
        return ring == null && drained() && !offered.present() && !shut && !urgentOnTcp;
    }

    boolean offer(RingSender r) {
        if (!upgradable() || state.ended() || !offered.offer(r)) {
            return false;
        }
        if (state.ended() || shut) {
            withdrawOffer();
        }
        return true;
    }

    /** Takes back a ring that was not used yet; false when the writer has it in hand at this moment. */
    private boolean withdrawOffer() {
        RingSender r = offered.claim();
        if (r != null) {
            offered.settle();
            r.cancel();
            r.release();
        }
        return !offered.present();
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#leaveSender}. */
    boolean leave(ReasonCode why, long limitNs) {
        long deadlineNs = System.nanoTime() + limitNs;
        while (!state.ended()) {
            if (withdrawOffer()) {
                if (ring == null) {
                    break;
                }
                leaving = why;
                if (lock.tryLock()) {
                    leaveUnderLock();
                    break;
                }
                kick();
            }
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        leaving = null;
        return true;
    }

    private void leaveUnderLock() {
        try {
            if (!state.ended()) {
                leaveNow();
            }
        } finally {
            unlock();
        }
    }

    /** The receiver's VM is gone. Returns whether a ring without an end is left behind. */
    boolean receiverGone() {
        withdrawOffer();
        releaseDraining();
        return ring != null && !finSent;
    }

    /** Whether no ring is in use, and the receiver has everything of the one that was ended. */
    boolean left() {
        return ring == null && drained() || finSent && ringDone();
    }

    private boolean ringDone() {
        RingSender r = ring;
        return r == null || r.receiverDone();
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

    private void releaseDraining() {
        RingSender r = draining;
        if (r != null) {
            draining = null;
            r.release();
        }
    }

    boolean usesSharedMemory() {
        return ring != null || offered.present() || !drained();
    }

    // ---- readiness

    boolean ready() {
        if (shut || state.ended() || state.peerClosed()) {
            return true;
        }
        if (path != Path.SHARED_MEMORY || !lockForReadiness()) {
            return false; // TCP decides; or a writer is inside, and tells when it comes out
        }
        try {
            RingSender r = ring;
            if (r == null) {
                return false;
            }
            r.observe();
            return r.hasRoom() || r.receiverClosed();
        } catch (IOException e) {
            return true; // the write will say it
        } finally {
            unlock();
        }
    }

    boolean arm() {
        if (!lockForReadiness()) {
            return false;
        }
        try {
            RingSender r = ring;
            return r != null && r.arm() && ready();
        } finally {
            unlock();
        }
    }

    private boolean lockForReadiness() {
        if (lock.tryLock()) {
            return true;
        }
        recheck = true; // whoever holds the lock looks at this after unlocking, or we get the lock now
        return lock.tryLock();
    }

    int tcpInterest() {
        return path == Path.SHARED_MEMORY || link.hasPending() ? 0 : SelectionKey.OP_WRITE;
    }

    // ---- ending

    void kick() {
        RingSender r = ring;
        if (r != null) {
            r.kick();
        }
        link.wakeWriters();
    }

    void shutdown() throws IOException {
        if (shut) {
            return;
        }
        shut = true;
        kick();
        finishIfUnused();
        for (int i = 0; i < SHUTDOWN_TRIES && !finSent; i++) {
            LockSupport.parkNanos(POLL_NS); // a writer leaves the ring, or is about to enter TCP
            finishIfUnused();
        }
        if (!finSent && path == Path.TCP) {
            link.channel().shutdownOutput(); // the writer is blocked inside TCP: this wakes it
        }
    }

    boolean shut() {
        return shut;
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
        }
    }

    private void sendFin() throws IOException {
        RingSender r = ring;
        if (r != null) {
            if (state.aborting()) {
                r.abort(); // before the fin, so that the receiver does not take it for an orderly end
            }
            r.fin(sent);
        } else if (shut && !state.ended()) {
            if (path == Path.TCP) {
                link.channel().shutdownOutput();
            } else {
                link.finish(Frame.control(Frame.FIN, sent));
            }
        }
    }

    private void giveBack() {
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

    long sent() {
        return sent;
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
                wakeUpsBefore + (r == null ? 0 : r.wakeUps()));
    }
}
