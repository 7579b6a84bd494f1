package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.ByteStream.FOREVER;
import static org.xenvmc.transport.spi.ByteStream.NON_BLOCKING;
import static org.xenvmc.transport.spi.RingReceiver.UNSET;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.xenvmc.transport.DataHandler;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.RingReceiver;

/** Reading, over whatever path: the thread that reads does the switching. */
abstract class IncomingReader extends IncomingControl {
    final ReaderLock readers = new ReaderLock(lock);

    IncomingReader(StreamState state, TcpLink link, Outgoing outgoing, FrameBuffers buffers) {
        super(state, link, outgoing, buffers);
    }

    int read(ByteBuffer dst, long timeoutNs) throws IOException {
        long leftNs = readers.lock(timeoutNs);
        try {
            RingReceiver r = ring;
            if (r != null && !shut && !state.attention()) {
                int n = readFromRing(r, dst);
                if (n > 0) {
                    return n;
                }
            }
            return readSlow(dst, leftNs);
        } finally {
            unlock();
        }
    }

    /** See {@link org.xenvmc.transport.InPlaceReceiver}: the same steps as reading, with a ring that shows its bytes instead. */
    int receive(int maxBytes, DataHandler handler, long timeoutNs) throws IOException {
        long leftNs = readers.lock(timeoutNs);
        try {
            ByteBuffer copy = lending.begin(maxBytes, handler);
            readers.waits(true); // for bytes, or for a handler that takes its time
            int n;
            try {
                n = readSlow(copy, leftNs);
            } finally {
                lending.end();
            }
            lending.handOver(copy, n, handler);
            return n;
        } finally {
            readers.waits(false);
            unlock();
        }
    }

    long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        long leftNs = readers.lock(timeoutNs);
        try {
            if (path == Path.TCP && !shut && !eof && !state.attention()) {
                return scatterRaw(dsts, offset, length, leftNs);
            }
            return scatter(dsts, offset, length, leftNs);
        } finally {
            unlock();
        }
    }

    long scatter(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        long total = 0;
        boolean room = false;
        for (int i = offset; i < offset + length; i++) {
            while (dsts[i].hasRemaining()) {
                room = true;
                int n = total == 0 ? readSlow(dsts[i], timeoutNs) : readMore(dsts[i]);
                if (n <= 0) {
                    return total > 0 ? total : n;
                }
                total += n;
            }
        }
        return room ? total : readSlow(NO_ROOM, timeoutNs);
    }

    /** What is here already, without touching TCP, which may be in blocking mode. */
    int readMore(ByteBuffer dst) throws IOException {
        if (path == Path.SHARED_MEMORY) {
            return readFromRing(ring, dst);
        }
        return frames.buffered() > 0 && !frames.discarding() ? countFramed(frames.readPayload(dst, NON_BLOCKING)) : 0;
    }

    /** One read from TCP for all buffers; frames that come with the last bytes never touch them. */
    long scatterRaw(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        long room = 0;
        for (int i = offset; i < offset + length; i++) {
            room += dsts[i].remaining();
        }
        if (room == 0) {
            return 0;
        }
        ByteBuffer bounce = Bounce.get((int) Math.min(Integer.MAX_VALUE, room));
        bounce.limit(0);
        int n;
        do {
            bounce.limit(bounce.capacity()).limit((int) Math.min(bounce.capacity(), room));
            n = readSlow(bounce.position(0), timeoutNs);
        } while (n == 0 && timeoutNs != NON_BLOCKING);
        if (n > 0) {
            distribute(bounce.flip(), dsts, offset);
        }
        return n;
    }

    static void distribute(ByteBuffer from, ByteBuffer[] dsts, int offset) {
        for (int i = offset; from.hasRemaining(); i++) {
            int k = Math.min(from.remaining(), dsts[i].remaining());
            dsts[i].put(dsts[i].position(), from, from.position(), k);
            dsts[i].position(dsts[i].position() + k);
            from.position(from.position() + k);
        }
    }

    int readSlow(ByteBuffer dst, long timeoutNs) throws IOException {
        long deadlineNs = timeoutNs == NON_BLOCKING || timeoutNs == FOREVER ? timeoutNs : System.nanoTime() + timeoutNs;
        while (true) {
            checkOpen();
            if (shut || eof && dst.hasRemaining()) {
                return -1;
            }
            if (!dst.hasRemaining()) {
                return 0;
            }
            long leftNs = left(timeoutNs, deadlineNs);
            int n = leftNs == NON_BLOCKING ? step(dst, leftNs) : stepThatWaits(dst, leftNs);
            if (n == -1) {
                state.throwFailure(); // a failure ends TCP, too: that is no end of the stream
                n = eof || shut || path == Path.SHARED_MEMORY ? n : endOfFrames();
                eof = true;
            }
            if (n != AGAIN && (n != 0 || timeoutNs == NON_BLOCKING)) {
                return n;
            }
        }
    }

    private int stepThatWaits(ByteBuffer dst, long timeoutNs) throws IOException {
        readers.waits(true);
        try {
            return step(dst, timeoutNs);
        } finally {
            readers.waits(lending.active());
        }
    }

    int step(ByteBuffer dst, long timeoutNs) throws IOException {
        if (reset) {
            throw connectionReset();
        }
        try {
            return path == Path.SHARED_MEMORY
                    ? readRing(dst, timeoutNs)
                    : path == Path.TCP ? readRaw(dst, timeoutNs) : readFramed(dst, timeoutNs);
        } catch (ClosedChannelException e) {
            state.throwFailure(); // a failure closes TCP below the channel
            throw e;
        } catch (SocketException e) {
            if (path != Path.SHARED_MEMORY && state.resetWasTold()) {
                return -1; // by a write to a ring, of which the kernel does not know
            }
            state.throwFailure();
            checkNothingWithdrawn();
            throw e;
        }
    }

    static long left(long timeoutNs, long deadlineNs) throws SocketTimeoutException {
        if (timeoutNs == NON_BLOCKING || timeoutNs == FOREVER) {
            return timeoutNs;
        }
        long left = deadlineNs - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
        }
        return left;
    }

    int readRing(ByteBuffer dst, long timeoutNs) throws IOException {
        boolean blocking = false;
        boolean completed = false;
        try {
            while (true) {
                int n = ringLost ? AGAIN : ringStep(ring, dst);
                if (ringLost) {
                    completed = true;
                    dropLostRing();
                    return n > 0 ? n : AGAIN;
                }
                if (n != 0 || timeoutNs == NON_BLOCKING) {
                    completed = true;
                    return n;
                }
                if (!blocking) {
                    blocking = true;
                    state.section.beginBlocking();
                }
                if (state.ended() || shut) {
                    completed = shut;
                    return shut ? -1 : AGAIN;
                }
                watchIfPossible(); // if a writer inside TCP has prevented it until now
                if (owedStart != UNSET && !link.watching()) {
                    takeControlBeside();
                }
                ring.await(timeoutNs);
                if (timeoutNs != FOREVER) {
                    int last = ringLost ? AGAIN : ringStep(ring, dst);
                    completed = last != 0;
                    return last == 0 ? AGAIN : last;
                }
            }
        } finally {
            if (blocking) {
                state.section.endBlocking(completed);
            }
        }
    }

    /** Data if there is any, else what the sender said: -1 at the end of the stream, AGAIN after leaving the ring, 0 none. */
    int ringStep(RingReceiver r, ByteBuffer dst) throws IOException {
        boolean peerClosed = state.peerClosed();
        r.observe();
        long end = r.end();
        long fin = r.fin();
        boolean aborted = r.aborted();
        int n = readFromRing(r, dst); // after the words: what was written before them is there
        if (n > 0) {
            return n;
        }
        if ((end != UNSET || fin != UNSET || aborted || peerClosed) && isWithdrawn(r)) {
            return 0;
        }
        if (end != UNSET) {
            checkReached("end", end);
            leaveRing();
            return AGAIN;
        }
        if (fin != UNSET) {
            checkReached("fin", fin);
        }
        if (aborted) {
            return resetOrEnd();
        }
        if (fin != UNSET) {
            return -1;
        }
        return peerClosed ? endOfTcp() : 0;
    }

    /** Whether the words of the ring mean nothing, and the end of TCP is one of those that follow a loss. */
    private boolean isWithdrawn(RingReceiver r) {
        try {
            r.checkMemory();
        } catch (MemoryLostException e) {
            ringLost = true;
        }
        return ringLost;
    }

    private int endOfFrames() throws IOException {
        checkNothingWithdrawn();
        return endOfTcp();
    }

    /** The kernel tells of a reset once; the loop may have been the one who heard it. */
    int endOfTcp() throws IOException {
        return state.controlError() == null ? -1 : resetOrEnd();
    }

    private int resetOrEnd() throws IOException {
        if (state.resetWasTold()) {
            return -1;
        }
        throw connectionReset();
    }

    int readRaw(ByteBuffer dst, long timeoutNs) throws IOException {
        if (attached.present() && switchIfStarted()) {
            return AGAIN;
        }
        ByteBuffer target = dst.isDirect() ? dst : Bounce.get(dst.remaining());
        int from = target.position();
        int n = link.read(target, timeoutNs);
        if (n <= 0) {
            return n < 0 && attached.present() && switchIfStarted() ? AGAIN : n;
        }
        count(n);
        int surplus = attached.present() ? surplus(n) : 0;
        int kept = n - surplus;
        if (surplus > 0) {
            frames.unread(target.duplicate().limit(from + n).position(from + kept));
        }
        if (target == dst) {
            dst.position(from + kept);
        } else {
            dst.put(target.limit(from + kept).position(from));
        }
        if (attached.present()) {
            switchIfStarted();
        }
        return kept == 0 ? AGAIN : kept;
    }

    int readFramed(ByteBuffer dst, long timeoutNs) throws IOException {
        int n = readFrames(dst, timeoutNs);
        if (path == Path.FRAMED_TCP) {
            frames.trim();
            tellOfLeftovers();
        }
        return n;
    }

    /** Bytes, and the end, that were taken off TCP are not seen by a selector of TCP: it must look here. */
    void tellOfLeftovers() {
        if (eof || frames.buffered() > 0 || frames.hasHeader()) {
            state.tellListeners();
        }
    }

    int readFrames(ByteBuffer dst, long timeoutNs) throws IOException {
        while (true) {
            if (frames.discarding()) {
                int n = frames.discard(timeoutNs);
                if (n <= 0) {
                    return n < 0 ? endInFrames() : n;
                }
                taken += n;
                continue;
            }
            if (frames.payloadLeft() > 0) {
                int n = frames.readPayload(dst, timeoutNs);
                return n < 0 ? endInFrames() : countFramed(n);
            }
            if (frames.hasHeader()) {
                int step = takeFrame();
                if (step != 0) {
                    return step;
                }
                continue;
            }
            int n = frames.mayReadAhead(dst, timeoutNs) ? frames.readAhead(dst, taken) : FrameReader.NO_BYTES;
            if (n > 0) {
                return countFramed(n);
            }
            if (n == FrameReader.NO_BYTES) {
                n = frames.fill(timeoutNs);
                if (n == 0) {
                    return 0;
                }
            }
            if (n < 0) {
                return endInFrames();
            }
        }
    }

    /** TCP has ended without a FIN frame: the peer has closed, or its process has died. */
    private int endInFrames() throws IOException {
        if (attached.present() && switchIfStarted()) {
            return AGAIN; // it died between the word in the ring's header and its frame
        }
        return frames.lost() ? resetOrEnd() : -1;
    }

    int countFramed(int n) {
        if (n > 0) {
            count(n);
        }
        return n;
    }
}
