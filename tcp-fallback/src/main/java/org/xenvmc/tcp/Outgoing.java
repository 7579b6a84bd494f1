package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.RingSender;
import org.xenvmc.transport.spi.VirtualThreads;

/** The outgoing direction as the stream uses it: writing over whatever path, readiness for selectors, and ending. */
final class Outgoing extends OutgoingControl {
    Outgoing(StreamState state, TcpLink link) {
        super(state, link);
    }

    int write(ByteBuffer src, boolean blocking) throws IOException {
        int from = src.position();
        lock.lock();
        try {
            RingSender r = ring;
            if (r != null && leaving == null && !shut && !state.attention()) {
                int n = writeToRing(r, src);
                if (!src.hasRemaining() || n > 0 && someIsEnough(blocking)) {
                    return n;
                }
                return n + writeSlow(src, blocking);
            }
            return writeSlow(src, blocking);
        } catch (IOException e) {
            return unlessCutShort(e, src.position() - from);
        } finally {
            unlock();
        }
    }

    /**
     * Whether a write may return before it has written all: one that does not block, and one of a virtual thread, which returns what
     * fits as the JDK's does, since it waits outside the kernel. Asked when something did not fit.
     */
    private static boolean someIsEnough(boolean blocking) {
        return !blocking || VirtualThreads.isVirtual(Thread.currentThread());
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
                    if (total > 0 && blocking && someIsEnough(true) && full()) {
                        break;
                    }
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

    /** Whether nothing fits into the ring. */
    private boolean full() {
        RingSender r = ring;
        if (r == null || path != Path.SHARED_MEMORY) {
            return false;
        }
        try {
            r.observe();
            return !r.hasRoom();
        } catch (IOException e) {
            return false; // the write will say it
        }
    }

    /** A write that is ended after it has written something returns what it wrote, as the JDK's; the next one fails. */
    static int unlessCutShort(IOException e, int written) throws IOException {
        if (written > 0 && !(e instanceof ClosedByInterruptException)) {
            return written;
        }
        throw e;
    }

    int writeNext(ByteBuffer src, boolean blocking, boolean wroteBefore) throws IOException {
        int from = src.position();
        try {
            return writeSlow(src, blocking);
        } catch (IOException e) {
            int n = src.position() - from;
            return n == 0 && wroteBefore ? unlessCutShort(e, 1) - 1 : unlessCutShort(e, n);
        }
    }

    long gatherRaw(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long n = link.channel().write(srcs, offset, length);
        count(n);
        return n;
    }

    int writeSlow(ByteBuffer src, boolean blocking) throws IOException {
        int total = 0;
        while (true) {
            dropLostRing();
            checkOpen();
            if (state.resetWasTold()) {
                throw new IOException("Broken pipe"); // another path does not mend it
            }
            switchIfOffered();
            if (leaving != null) {
                leaveNow();
            }
            int n = step(src, blocking);
            total += n;
            if (!src.hasRemaining() || total > 0 && someIsEnough(blocking)) {
                return total;
            }
            if (!blocking && leaving == null && !ringLost) {
                return 0;
            }
            if (n == 0 && path != Path.SHARED_MEMORY) {
                awaitWritable();
            }
        }
    }

    int step(ByteBuffer src, boolean blocking) throws IOException {
        try {
            return path == Path.SHARED_MEMORY
                    ? writeRing(src, blocking)
                    : path == Path.TCP ? writeRaw(src) : writeFramed(src, blocking);
        } catch (ClosedChannelException e) {
            state.throwFailure(); // a failure closes TCP below the channel
            throw e;
        } catch (IOException e) {
            state.writeFailed();
            throw e;
        }
    }

    void awaitWritable() throws IOException {
        boolean completed = false;
        state.section.beginBlocking();
        try {
            link.awaitWritable(WRITABLE_LIMIT_NS);
            completed = !state.closed();
        } finally {
            state.section.endBlocking(completed);
        }
    }

    int writeToRing(RingSender r, ByteBuffer src) throws IOException {
        int n;
        try {
            n = r.write(src);
        } catch (MemoryLostException e) {
            ringLost = true; // before anything of this was written
            return 0;
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

    int writeRing(ByteBuffer src, boolean blocking) throws IOException {
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
                if (!src.hasRemaining()
                        || !blocking
                        || leaving != null
                        || ringLost
                        || total > 0 && someIsEnough(true)) {
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
                payWake();
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
    int writeToNobody(ByteBuffer src, boolean aborted) throws IOException {
        if (aborted || wroteToNobody || state.resetWasTold()) {
            state.writeFailed();
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
                urgentOnTcp =
                        true; // its receiver alone knows whether the byte counts: no offset can be agreed on any more
                link.channel().socket().sendUrgentData(data);
                return;
            }
            sendUrgentBeside(data);
        } finally {
            unlock();
        }
    }

    void sendUrgentBeside(byte data) throws IOException {
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

    int writeRaw(ByteBuffer src) throws IOException {
        if (incoming.owesStart() && link.channel().isBlocking()) {
            incoming.takeControlBeside(); // this write may block inside TCP
        }
        int n = link.channel().write(src);
        count(n);
        return n;
    }

    int writeFramed(ByteBuffer src, boolean blocking) throws IOException {
        if (!src.hasRemaining()) {
            return 0;
        }
        if (!link.flush()) {
            return 0;
        }
        boolean whole = blocking && link.channel().isBlocking();
        if (whole && (incoming.owesStart() || src.remaining() > MAX_KEPT)) {
            incoming.takeControlBeside(); // this write may block inside TCP
        }
        int from = src.position();
        int length = Math.min(src.remaining(), whole ? Frame.MAX_PAYLOAD : MAX_KEPT);
        ByteBuffer payload = src.duplicate().limit(from + length);
        if (header == null) {
            header = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
        }
        Frame.putHeader(header.clear(), whole ? Frame.DATA : Frame.PROMISED, length, sent);
        ByteBuffer[] frame = {header.flip(), payload};
        try {
            if (link.channel().write(frame) == 0 && !whole) {
                return 0;
            }
            link.writeOrKeep(frame);
        } finally {
            src.position(payload.position()); // what TCP has taken, also when the write is ended from outside
            count(payload.position() - from);
        }
        int kept = from + length - src.position();
        src.position(from + length);
        count(kept);
        if (whole) {
            letReaderRun();
        }
        return length;
    }

    /**
     * Just after a ring the reader may have been put on this processor, because the managers were using the other one. TCP takes
     * megabytes before this thread would block, and let the reader find the end of the ring.
     */
    private void letReaderRun() {
        if (System.nanoTime() - leftRingAtNs < YIELD_NS) {
            Thread.yield();
        }
    }

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

    boolean lockForReadiness() {
        if (lock.tryLockOnce()) {
            return true;
        }
        recheck = true; // whoever holds the lock looks at this after unlocking, or we get the lock now
        return lock.tryLock();
    }

    int tcpInterest() {
        return path == Path.SHARED_MEMORY || link.hasPending() ? 0 : SelectionKey.OP_WRITE;
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
        if (!finSent && path != Path.SHARED_MEMORY && !link.hasPending()) {
            finSent = true;
            link.channel().shutdownOutput(); // the writer is blocked inside TCP: this wakes it, and ends the stream
        }
    }

    boolean shut() {
        return shut;
    }

    long sent() {
        return sent;
    }
}
