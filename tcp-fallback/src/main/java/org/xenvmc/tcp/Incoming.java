package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.ByteStream.FOREVER;
import static org.xenvmc.transport.spi.ByteStream.NON_BLOCKING;
import static org.xenvmc.transport.spi.RingReceiver.UNSET;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.RingReceiver;

/**
 * The incoming direction of a stream (paper: recver_t). Bytes are numbered from 0; {@code taken} is the number of the next one.
 *
 * <pre>
 *   TCP --(sender's start reached)--> SHARED_MEMORY --(sender's end reached)--> FRAMED_TCP --(START frame)--> SHARED_MEMORY ...
 * </pre>
 *
 * <p>The thread that reads does the switching; the connection manager only leaves a ring here, or takes an ended one away. All
 * fields belong to the holder of the read lock if nothing else is said.
 */
final class Incoming {
    /** A step of reading changed the path: look again. */
    private static final int AGAIN = -2;

    private static final long POLL_NS = 50_000;
    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final StreamState state;
    private final TcpLink link;
    private final Outgoing outgoing;
    private final FrameReader frames;
    private final ReentrantLock lock = new ReentrantLock();
    private final Handover<RingReceiver> attached = new Handover<>();
    private volatile RingReceiver ring; // changed under the lock; kicked by anybody
    private volatile Path path = Path.TCP;
    private volatile boolean eof;
    private volatile boolean shut;
    private volatile boolean recheck;
    private volatile boolean reset;
    private long taken;
    private long droppedSeen;
    private long ringBytes;
    private long switches;
    private long sleepsBefore;
    private long wakeUpsBefore;
    /** Offset of a START frame that is still to come, because the ring was entered by the word in its header. */
    private volatile long owedStart = UNSET;

    private volatile long drainedBytes;

    Incoming(StreamState state, TcpLink link, Outgoing outgoing, FrameBuffers buffers) {
        this.state = state;
        this.link = link;
        this.outgoing = outgoing;
        this.frames = new FrameReader(link, buffers);
    }

    // ---- reading

    int read(ByteBuffer dst, long timeoutNs) throws IOException {
        lock.lock();
        try {
            RingReceiver r = ring;
            if (r != null && !shut && !state.attention()) {
                int n = readFromRing(r, dst);
                if (n > 0) {
                    return n;
                }
            }
            return readSlow(dst, timeoutNs);
        } finally {
            unlock();
        }
    }

    long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        lock.lock();
        try {
            if (path == Path.TCP && !shut && !eof && !state.attention()) {
                return scatterRaw(dsts, offset, length, timeoutNs);
            }
            return scatter(dsts, offset, length, timeoutNs);
        } finally {
            unlock();
        }
    }

    private long scatter(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
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
    private int readMore(ByteBuffer dst) throws IOException {
        if (path == Path.SHARED_MEMORY) {
            return readFromRing(ring, dst);
        }
        return frames.buffered() > 0 && !frames.discarding()
                ? countFramed(frames.readPayload(dst, NON_BLOCKING))
                : 0;
    }

    /** One read from TCP for all buffers; frames that come with the last bytes never touch them. */
    private long scatterRaw(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
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

    private static void distribute(ByteBuffer from, ByteBuffer[] dsts, int offset) {
        for (int i = offset; from.hasRemaining(); i++) {
            int k = Math.min(from.remaining(), dsts[i].remaining());
            dsts[i].put(dsts[i].position(), from, from.position(), k);
            dsts[i].position(dsts[i].position() + k);
            from.position(from.position() + k);
        }
    }

    private void unlock() {
        lock.unlock();
        if (state.ended()) {
            closeIfUnused();
        }
        if (recheck) {
            recheck = false;
            state.tellListeners();
        }
    }

    private int readSlow(ByteBuffer dst, long timeoutNs) throws IOException {
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
            int n = step(dst, leftNs);
            if (n == -1) {
                state.throwFailure(); // a failure ends TCP, too: that is no end of the stream
                eof = true;
            }
            if (n != AGAIN && (n != 0 || timeoutNs == NON_BLOCKING)) {
                return n;
            }
        }
    }

    private int step(ByteBuffer dst, long timeoutNs) throws IOException {
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
        }
    }

    private static long left(long timeoutNs, long deadlineNs) throws SocketTimeoutException {
        if (timeoutNs == NON_BLOCKING || timeoutNs == FOREVER) {
            return timeoutNs;
        }
        long left = deadlineNs - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
        }
        return left;
    }

    private void checkOpen() throws IOException {
        if (state.closed()) {
            throw new ClosedChannelException();
        }
        state.throwFailure();
    }

    // ---- the ring

    private int readFromRing(RingReceiver r, ByteBuffer dst) throws IOException {
        int n;
        try {
            n = r.read(dst);
        } catch (IOException e) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
        taken += n;
        ringBytes += n;
        accountDropped(r);
        return n;
    }

    /** Urgent data that was dropped counts as taken. */
    private void accountDropped(RingReceiver r) {
        long dropped = r.droppedBytes();
        if (dropped != droppedSeen) {
            taken += dropped - droppedSeen;
            droppedSeen = dropped;
        }
    }

    private int readRing(ByteBuffer dst, long timeoutNs) throws IOException {
        boolean blocking = false;
        boolean completed = false;
        try {
            while (true) {
                int n = ringStep(ring, dst);
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
                ring.await(timeoutNs);
                if (timeoutNs != FOREVER) {
                    int last = ringStep(ring, dst);
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
    private int ringStep(RingReceiver r, ByteBuffer dst) throws IOException {
        boolean peerClosed = state.peerClosed();
        r.observe();
        long end = r.end();
        long fin = r.fin();
        boolean aborted = r.aborted();
        int n = readFromRing(r, dst); // after the words: what was written before them is there
        if (n > 0) {
            return n;
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
            throw connectionReset();
        }
        if (fin != UNSET) {
            return -1;
        }
        return peerClosed ? afterPeerClosed() : 0;
    }

    private int afterPeerClosed() throws IOException {
        IOException error = state.controlError();
        if (error != null) {
            throw connectionReset();
        }
        return -1;
    }

    private IOException connectionReset() {
        reset = true;
        state.peerClosed(new SocketException("Connection reset"));
        return new SocketException("Connection reset");
    }

    private void checkReached(String word, long offset) throws IOException {
        if (offset != taken) {
            throw fail(ReasonCode.PROTOCOL_VIOLATION, word + " is " + offset + " but the ring is empty at " + taken);
        }
    }

    private void enterRing(RingReceiver r) throws IOException {
        r.urgentInline(link::urgentInline);
        droppedSeen = r.droppedBytes();
        ring = r;
        path = Path.SHARED_MEMORY;
        switches++;
        attached.settle();
        skipOwedStart(); // the frame may have come together with the last bytes
        frames.trim();
        watchIfPossible();
        state.tellListeners();
    }

    /** Takes the frame that says what the ring's header has said before. Judges no other frame. */
    private boolean skipOwedStart() throws IOException {
        boolean owed = owedStart != UNSET && frames.hasHeader() && frames.isStart(owedStart);
        if (owed) {
            frames.takeHeader();
            owedStart = UNSET;
        }
        return owed;
    }

    private void leaveRing() throws IOException {
        link.unwatch();
        RingReceiver r = ring;
        sleepsBefore += r.sleeps();
        wakeUpsBefore += r.wakeUps();
        ring = null;
        path = Path.FRAMED_TCP;
        switches++;
        r.release();
        state.tellListeners();
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

    // ---- TCP as it was born

    private int readRaw(ByteBuffer dst, long timeoutNs) throws IOException {
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

    private void count(long n) {
        taken += n;
        state.countTcp(n);
    }

    /** The attached ring, in the caller's hands; null when there is none (any more). */
    private RingReceiver claimAttached() {
        RingReceiver r = attached.claim();
        while (r == null && attached.present()) {
            Thread.onSpinWait(); // the manager has it for a moment
            r = attached.claim();
        }
        return r;
    }

    /** How many of the bytes just read lie beyond the start of the ring; they are taken back. */
    private int surplus(long n) throws IOException {
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
    private boolean switchIfStarted() throws IOException {
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

    // ---- framed TCP

    private int readFramed(ByteBuffer dst, long timeoutNs) throws IOException {
        int n = readFrames(dst, timeoutNs);
        if (path == Path.FRAMED_TCP) {
            frames.trim();
            tellOfLeftovers();
        }
        return n;
    }

    /** Bytes that were taken off TCP are not seen by a selector of TCP: it must look here. */
    private void tellOfLeftovers() {
        if (frames.buffered() > 0 || frames.hasHeader()) {
            state.tellListeners();
        }
    }

    private int readFrames(ByteBuffer dst, long timeoutNs) throws IOException {
        while (true) {
            if (frames.discarding()) {
                int n = frames.discard(timeoutNs);
                if (n <= 0) {
                    return n;
                }
                taken += n;
                continue;
            }
            if (frames.payloadLeft() > 0) {
                return countFramed(frames.readPayload(dst, timeoutNs));
            }
            if (frames.hasHeader()) {
                int step = takeFrame();
                if (step != 0) {
                    return step;
                }
                continue;
            }
            int n = frames.fill(timeoutNs);
            if (n <= 0) {
                return n;
            }
        }
    }

    private int countFramed(int n) {
        if (n > 0) {
            count(n);
        }
        return n;
    }

    /** 0: go on; AGAIN: the path changed; -1: the stream ended. */
    private int takeFrame() throws IOException {
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
        if (type == Frame.START) {
            return startFromFrame();
        }
        if (type == Frame.URGENT && !link.urgentInline()) {
            frames.discardPayload();
        }
        return type == Frame.FIN ? -1 : 0;
    }

    private int startFromFrame() throws IOException {
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

    // ---- the watch loop

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
    private boolean skipControl() throws IOException {
        if (frames.headerType() == Frame.NOP) {
            frames.takeHeader();
            return true;
        }
        return skipOwedStart();
    }

    private boolean controlEnded(IOException error) {
        state.peerClosed(error);
        kick();
        outgoing.kick();
        state.tellListeners();
        return true;
    }

    // ---- the connection manager

    boolean upgradable() {
        return path != Path.SHARED_MEMORY && !attached.present() && !eof && !shut;
    }

    boolean attach(RingReceiver r) {
        if (!upgradable() || state.ended() || !attached.reserve()) {
            return false;
        }
        r.ready(); // while it is reserved: nobody can release it meanwhile
        putBack(r);
        return true;
    }

    /** Lets go of a claimed ring; gives it back if the stream ended while it was claimed. */
    private void putBack(RingReceiver r) {
        attached.putBack(r);
        if (state.ended()) {
            closeIfUnused();
        }
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

    private boolean withdrawAttached() {
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

    private void drainClaimed(RingReceiver r) {
        try {
            putBack(drained(r, r.start()));
        } catch (IOException e) {
            putBack(r); // before the failure, which takes it from there
            fail(ReasonCode.PROTOCOL_VIOLATION, e.getMessage());
        }
    }

    private RingReceiver drained(RingReceiver r, long from) throws IOException {
        DrainedRing copy = DrainedRing.of(r, from);
        drainedBytes += copy.bytes();
        sleepsBefore += r.sleeps();
        wakeUpsBefore += r.wakeUps();
        r.release();
        return copy;
    }

    private boolean drainActive() {
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
        RingReceiver r = attached.claim();
        if (r != null) {
            if (r.start() == UNSET) {
                attached.settle();
                r.release();
            } else {
                putBack(r);
            }
        }
        RingReceiver active = ring;
        return active != null && active.end() == UNSET && active.fin() == UNSET;
    }

    long drainedBytes() {
        return drainedBytes;
    }

    ConnectionLostException fail(ReasonCode why, String detail) {
        long offset = taken;
        state.fail(() -> new ConnectionLostException(offset, why, detail));
        state.reason(why);
        outgoing.kick();
        return new ConnectionLostException(offset, why, detail);
    }

    long taken() {
        return taken;
    }

    // ---- readiness

    int available() throws IOException {
        lock.lock();
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
            int inKernel = link.channel().socket().getInputStream().available();
            if (path == Path.TCP) {
                return inKernel;
            }
            return frames.buffered() + Math.min(frames.payloadLeft() - frames.buffered(), inKernel);
        } finally {
            unlock();
        }
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

    private boolean lockForReadiness() {
        if (lock.tryLock()) {
            return true;
        }
        recheck = true; // whoever holds the lock looks at this after unlocking, or we get the lock now
        return lock.tryLock();
    }

    private boolean readyLocked() throws IOException {
        if (path == Path.TCP && attached.present()) {
            switchIfStarted();
        }
        if (path == Path.SHARED_MEMORY) {
            return ringReady();
        }
        return path == Path.FRAMED_TCP && framedReady();
    }

    private boolean ringReady() throws IOException {
        RingReceiver r = ring;
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

    private boolean framedReady() throws IOException {
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
                eof |= n < 0;
            }
            boolean ready = eof || readyLocked();
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

    // ---- ending

    void kick() {
        RingReceiver r = ring;
        if (r != null) {
            r.kick();
        }
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
        if (path == Path.TCP && !attached.present() || state.failed() || reset || !lock.tryLock()) {
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

    private boolean endReached() throws IOException {
        return path == Path.SHARED_MEMORY && !ring.hasData();
    }

    private boolean unreadOnTcp() throws IOException {
        if (state.peerClosed()) {
            return false;
        }
        if (!outgoing.withoutWriter(link::forClosing)) {
            return false; // a writer is inside TCP, which must not be waited for
        }
        while (!frames.hasHeader() || skipForClosing()) {
            if (frames.payloadLeft() > 0) {
                return true;
            }
            if (frames.fill(NON_BLOCKING) <= 0) {
                return frames.buffered() > 0;
            }
        }
        return true;
    }

    private boolean skipForClosing() throws IOException {
        boolean control = frames.headerType() != Frame.DATA;
        frames.takeHeader();
        return control;
    }

    boolean wantsWatch() {
        return path == Path.SHARED_MEMORY && !link.watching() && !state.closed();
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
                wakeUpsBefore + (r == null ? 0 : r.wakeUps()));
    }

    /** Waits for the application's reader to come out, for tests and orderly ends; false when it did not in time. */
    boolean awaitNoReader(long limitNs) throws InterruptedException {
        if (!lock.tryLock(limitNs, TimeUnit.NANOSECONDS)) {
            return false;
        }
        lock.unlock();
        return true;
    }
}
