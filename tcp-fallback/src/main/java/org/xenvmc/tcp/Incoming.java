package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.ByteStream.NON_BLOCKING;
import static org.xenvmc.transport.spi.RingReceiver.UNSET;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.RingReceiver;

/** The incoming direction as the stream uses it: reading, readiness for selectors, and ending. */
final class Incoming extends IncomingReader {
    private volatile boolean tcpEnded;

    Incoming(StreamState state, TcpLink link, Outgoing outgoing, FrameBuffers buffers) {
        super(state, link, outgoing, buffers);
    }

    /** None while somebody reads who would wait for more. */
    int available() throws IOException {
        if (!readers.lockUnlessRead()) {
            return 0;
        }
        try {
            checkOpen();
            if (shut || eof) {
                return 0;
            }
            if (path == Path.TCP && attached.present()) {
                switchIfStarted();
            }
            if (path == Path.SHARED_MEMORY) {
                return ring.availableBytes();
            }
            if (path == Path.TCP) {
                return availableRaw();
            }
            int bytes = availableFramed();
            tellOfLeftovers();
            return bytes;
        } finally {
            unlock();
        }
    }

    /** What lies behind the start of a ring is a frame. */
    private int availableRaw() throws IOException {
        int inKernel = inKernel();
        RingReceiver r = claimAttached();
        if (r == null) {
            return inKernel;
        }
        long start = r.start();
        putBack(r);
        return start == RingReceiver.UNSET ? inKernel : (int) Math.min(inKernel, start - taken);
    }

    private int availableFramed() throws IOException {
        while (frames.payloadLeft() == 0 || frames.discarding()) {
            if (frames.discarding()) {
                if (frames.buffered() == 0) {
                    return 0;
                }
                taken += frames.discard(NON_BLOCKING);
            } else if (frames.hasHeader()) {
                int step = takeFrame();
                eof |= step == -1;
                if (step != 0) {
                    return step == AGAIN ? ring.availableBytes() : 0;
                }
            } else if (inKernel() == 0 || frames.fill(NON_BLOCKING) <= 0) { // does not block: there are bytes
                return 0;
            }
        }
        return frames.buffered() + Math.min(frames.payloadLeft() - frames.buffered(), inKernel());
    }

    boolean ready() {
        if (eof || shut || state.ended()) {
            return true;
        }
        if (!lockForReadiness()) {
            return false;
        }
        try {
            return readyLocked();
        } catch (IOException e) {
            return true; // the read will say it
        } finally {
            unlock();
        }
    }

    boolean lockForReadiness() {
        if (lock.tryLockOnce()) {
            return true;
        }
        recheck = true; // whoever holds the lock looks at this after unlocking, or we get the lock now
        return lock.tryLock();
    }

    boolean readyLocked() throws IOException {
        if (path == Path.TCP && attached.present()) {
            switchIfStarted();
        }
        if (path == Path.SHARED_MEMORY) {
            return ringReady();
        }
        return path == Path.FRAMED_TCP && framedReady();
    }

    boolean ringReady() throws IOException {
        RingReceiver r = ring;
        if (r == null) {
            return true; // the stream ended, and gave the ring back, after we looked and before we had the lock
        }
        boolean peerClosed = state.peerClosed();
        r.observe();
        boolean aborted = r.aborted();
        long end = r.end();
        long fin = r.fin();
        boolean data = r.hasData();
        accountDropped(r);
        if (data || aborted || reset || peerClosed && end == UNSET) {
            return true;
        }
        if (end != UNSET) {
            checkReached("end", end);
            leaveRing();
            return framedReady();
        }
        return fin != UNSET;
    }

    boolean framedReady() throws IOException {
        while (true) {
            if (frames.discarding()) {
                if (frames.buffered() == 0) {
                    return false;
                }
                taken += frames.discard(NON_BLOCKING);
            }
            if (frames.buffered() > 0) {
                return true;
            }
            if (frames.payloadLeft() > 0 || !frames.hasHeader()) {
                return false;
            }
            int step = takeFrame();
            if (step == -1) {
                eof = true;
                return true;
            }
            if (step == AGAIN) {
                return ringReady();
            }
        }
    }

    /** TCP is readable: is there something for the application? */
    boolean readyOnTcp() {
        if (path == Path.TCP && !attached.present() || eof || shut) {
            return true;
        }
        if (!lockForReadiness()) {
            return false;
        }
        try {
            if (path == Path.TCP) {
                return !attached.present() || !switchIfStarted() || readyLocked();
            }
            if (path == Path.FRAMED_TCP && !readyLocked() && path == Path.FRAMED_TCP) {
                int n = frames.fill(NON_BLOCKING);
                eof |= n < 0 && state.controlError() == null && !(attached.present() && switchIfStarted());
            }
            boolean ready = eof || state.attention() || readyLocked();
            if (path == Path.FRAMED_TCP) {
                tellOfLeftovers();
            }
            return ready;
        } catch (IOException e) {
            return true; // the read will say it
        } finally {
            unlock();
        }
    }

    boolean arm() {
        if (!lockForReadiness()) {
            return false;
        }
        try {
            RingReceiver r = ring;
            return r != null && r.arm() && ready();
        } finally {
            unlock();
        }
    }

    int tcpInterest() {
        return path == Path.SHARED_MEMORY || eof ? 0 : SelectionKey.OP_READ;
    }

    void shutdown() throws IOException {
        shut = true;
        kick();
        if (path != Path.SHARED_MEMORY) {
            link.channel().shutdownInput();
        }
        closeIfUnused();
    }

    boolean shut() {
        return shut;
    }

    /**
     * Whether bytes are here that the application will never read: closing then is an abort (RFC 1122, 4.2.2.13). Takes frames
     * without application bytes off TCP, because TCP would take them for unread data.
     */
    boolean unread() {
        if (plain() || state.failed() || reset || !lock.tryLock()) {
            return false; // TCP knows by itself; or a reader is inside and takes what there is
        }
        try {
            return readyLocked() && !eof && !endReached() || path != Path.TCP && unreadOnTcp();
        } catch (IOException e) {
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing has come, or may come at this moment, but by plain TCP. */
    boolean plain() {
        return path == Path.TCP && !attached.present();
    }

    boolean endReached() throws IOException {
        RingReceiver r = ring;
        return r != null && !r.hasData(); // null: over TCP, or given back because the stream failed
    }

    /** What the loop watches it sees itself, before or after close. */
    boolean unreadOnTcp() throws IOException {
        if (path == Path.SHARED_MEMORY || state.peerClosed()) {
            return false;
        }
        outgoing.withoutWriter(link::forClosing);
        LingeringClose.Rest rest = restOnTcp();
        tcpEnded = rest == LingeringClose.Rest.ENDED;
        return rest == LingeringClose.Rest.DATA;
    }

    /** After close: takes frames without data off TCP. Called by the loop's thread. */
    LingeringClose.Rest takeRest() throws IOException {
        if (!lock.tryLock()) {
            return LingeringClose.Rest.BUSY;
        }
        try {
            return restOnTcp();
        } finally {
            lock.unlock();
        }
    }

    private LingeringClose.Rest restOnTcp() throws IOException {
        if (path == Path.TCP) {
            return LingeringClose.Rest.ENDED; // no frames: the kernel knows what is unread
        }
        while (true) {
            while (frames.hasHeader()) {
                if (Frame.hasPayload(frames.headerType())) {
                    return LingeringClose.Rest.DATA;
                }
                frames.takeHeader();
            }
            if (frames.payloadLeft() > 0) {
                return LingeringClose.Rest.DATA;
            }
            int n = mayRead() ? frames.fillHeaderOnly() : 0;
            if (n <= 0) {
                return n < 0 ? LingeringClose.Rest.ENDED : LingeringClose.Rest.NOTHING;
            }
        }
    }

    /** While a writer is inside TCP in blocking mode, only what is there can be read; not at all by an interrupted thread. */
    private boolean mayRead() throws IOException {
        return !link.channel().isBlocking() || !Thread.currentThread().isInterrupted() && inKernel() > 0;
    }

    /** Whether the peer may still send frames. */
    boolean framesMayCome() {
        return path != Path.TCP && !tcpEnded;
    }

    /** After close: whether a reader may be blocked inside TCP, which only closing TCP ends. None gets there any more. */
    boolean readerInsideTcp() {
        if (path == Path.SHARED_MEMORY || !link.channel().isBlocking()) {
            return false;
        }
        boolean inside = !lock.tryLock();
        if (!inside) {
            lock.unlock();
        }
        return inside;
    }

    long taken() {
        return taken;
    }

    ConnectionInfo.Direction info() {
        RingReceiver r = ring;
        boolean shared = path == Path.SHARED_MEMORY && r != null;
        ReasonCode why =
                shared ? ReasonCode.NONE : attached.present() ? ReasonCode.AWAITING_NEXT_WRITE : state.reason();
        return new ConnectionInfo.Direction(
                path,
                why,
                taken,
                ringBytes,
                switches,
                shared ? r.capacityBytes() : 0,
                shared ? r.fillBytes() : 0,
                sleepsBefore + (r == null ? 0 : r.sleeps()),
                wakeUpsBefore + (r == null ? 0 : r.wakeUps()),
                shared ? r.positionBytes() : 0);
    }
}
