package org.xenvmc.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.tcp.netty.Watch;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.spi.ByteStream;

/**
 * The TCP channel of a stream. It is in the application's blocking mode, except while the loop watches it beside a ring:
 * then it is non-blocking. Bytes of frames that did not fit are kept and sent by the loop.
 */
final class TcpLink {
    /** Reacts to what the loop sees on TCP while it is only the control path. */
    interface ControlPath {
        /** TCP is readable; returns whether to go on watching for it. Called by the loop's thread. */
        boolean controlReadable();

        /** Bytes that were kept back are sent, or will never be. */
        void outputDrained();

        /** TCP is broken: it does not take what was kept back. */
        void outputFailed(IOException error);
    }

    private final SocketChannel channel;
    private final WatchLoop loop;
    private final ControlPath control;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Watch watch;
    private boolean appBlocking;
    private volatile boolean watching;
    private boolean writeWanted;
    private volatile ByteBuffer pending;
    private volatile LingeringClose lingering;

    TcpLink(SocketChannel channel, WatchLoop loop, ControlPath control) {
        this.channel = channel;
        this.loop = loop;
        this.control = control;
        this.appBlocking = channel.isBlocking();
    }

    SocketChannel channel() {
        return channel;
    }

    /** The application's mode; takes effect on TCP when the loop does not watch it. */
    void configureBlocking(boolean block) throws IOException {
        lock.lock();
        try {
            appBlocking = block;
            applyMode();
        } finally {
            lock.unlock();
        }
    }

    private void applyMode() throws IOException {
        changed.signalAll();
        if (lingering != null) {
            return; // the application's mode does not matter any more
        }
        boolean block = appBlocking && !watching && pending == null;
        if (channel.isOpen() && channel.isBlocking() != block) {
            if (block && watch != null && !watch.cancel(this::modeMayChange)) {
                return; // a channel that is registered cannot be blocking: the loop goes on here when it has let go
            }
            channel.configureBlocking(block);
        }
    }

    /** Called by the loop's thread, which must not wait for whoever changes the mode at this moment. */
    private void modeMayChange() {
        if (!lock.tryLock()) {
            watch.after(1, this::modeMayChange);
            return;
        }
        try {
            applyMode();
        } catch (IOException e) {
            return; // closed meanwhile
        } finally {
            lock.unlock();
        }
    }

    /**
     * The incoming direction is on a ring: the loop takes over the TCP input. The caller holds the read lock and makes sure
     * that no writer is inside TCP.
     */
    void watch() throws IOException {
        lock.lock();
        try {
            if (!watching && channel.isOpen() && lingering == null) {
                watching = true;
                applyMode();
                applyInterest();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean watching() {
        return watching;
    }

    /** The incoming direction is on TCP again: when this returns the loop does not touch the TCP input. */
    void unwatch() throws IOException {
        lock.lock();
        try {
            if (watching && lingering == null) {
                watching = false;
                watch.cancel(this::modeMayChange);
                applyMode();
                if (interest() != 0) {
                    applyInterest();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void applyInterest() throws IOException {
        if (lingering != null) {
            return; // it knows itself
        }
        int ops = interest();
        if (watch != null || ops != 0) {
            theWatch().interest(ops);
        }
    }

    private Watch theWatch() throws IOException {
        if (watch == null) {
            watch = loop.watch(channel, this::ready);
        }
        return watch;
    }

    private int interest() {
        return (watching ? SelectionKey.OP_READ : 0)
                | (pending != null || writeWanted ? SelectionKey.OP_WRITE : 0);
    }

    /** Called by the loop's thread. */
    private int ready(int readyOps) {
        LingeringClose closing = lingering;
        if (closing != null) {
            return closing.ready();
        }
        boolean goOn = (readyOps & SelectionKey.OP_READ) == 0 || control.controlReadable();
        boolean drained = (readyOps & SelectionKey.OP_WRITE) != 0 && onWritable();
        if (drained) {
            control.outputDrained();
        }
        if (!lock.tryLock()) {
            // a thread that changes the watch at this moment waits for us, or submits the new interest after us
            return goOn ? readyInterest(readyOps) : SelectionKey.OP_WRITE & readyInterest(readyOps);
        }
        try {
            return goOn ? interest() : interest() & ~SelectionKey.OP_READ;
        } finally {
            lock.unlock();
        }
    }

    private int readyInterest(int readyOps) {
        return SelectionKey.OP_READ | (pending != null ? SelectionKey.OP_WRITE : 0) | readyOps & SelectionKey.OP_WRITE;
    }

    private boolean onWritable() {
        try {
            flush();
        } catch (IOException e) {
            pending = null;
            control.outputFailed(e);
        }
        if (pending != null || !lock.tryLock()) {
            return false;
        }
        try {
            writeWanted = false;
            applyMode();
            return true;
        } catch (IOException e) {
            return true; // closed meanwhile
        } finally {
            lock.unlock();
        }
    }

    /** Sends what was kept back; true when nothing is left. Called under the write lock or by the loop. */
    boolean flush() throws IOException {
        ByteBuffer rest = pending;
        if (rest == null) {
            return true;
        }
        synchronized (rest) {
            if (pending == rest) {
                channel.write(rest);
                if (!rest.hasRemaining()) {
                    pending = null;
                    push();
                }
            }
        }
        return pending == null;
    }

    boolean hasPending() {
        return pending != null;
    }

    /** Writes all of it, or keeps the rest and lets the loop send it. Called under the write lock, nothing pending. */
    void writeOrKeep(ByteBuffer... bytes) throws IOException {
        int all = 0;
        for (ByteBuffer b : bytes) {
            all += b.remaining();
        }
        long n = 0;
        while (n < all) {
            long k = channel.write(bytes);
            if (k == 0) {
                break;
            }
            n += k;
        }
        if (n < all) {
            keep(bytes, (int) (all - n));
        }
    }

    /** Writes a frame that the peer waits for, or keeps it. As {@link #writeOrKeep}. */
    void writeControl(ByteBuffer frame) throws IOException {
        writeOrKeep(frame);
        push();
    }

    /** As {@link #writeControl}, without blocking in whatever mode. The caller makes sure that no reader is inside TCP. */
    void writeControlNow(ByteBuffer frame) throws IOException {
        lock.lock();
        try {
            if (channel.isBlocking()) {
                channel.configureBlocking(false);
            }
            writeControl(frame);
            applyMode();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets a small frame go at once, which else may wait for the acknowledgement of what went before (Nagle's algorithm, and
     * 40 ms of delayed acknowledgement). Turning the option on has that effect in the kernel; the application's setting stays.
     */
    private void push() throws IOException {
        synchronized (channel.socket()) { // with the channel's setOption
            if (!channel.getOption(StandardSocketOptions.TCP_NODELAY)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, false);
            }
        }
    }

    /** Like {@link #writeControl}, behind what is kept already. */
    void finish(ByteBuffer frame) throws IOException {
        if (flush()) {
            writeControl(frame);
            return;
        }
        ByteBuffer rest = pending;
        if (rest == null) {
            writeControl(frame);
            return;
        }
        synchronized (rest) {
            keep(new ByteBuffer[] {rest, frame}, rest.remaining() + frame.remaining());
        }
    }

    private void keep(ByteBuffer[] bytes, int left) throws IOException {
        ByteBuffer rest = ByteBuffer.allocate(left);
        for (ByteBuffer b : bytes) {
            rest.put(b);
        }
        lock.lock();
        try {
            pending = rest.flip();
            applyInterest();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until TCP may take bytes again, or the mode changed, or the time is over. */
    void awaitWritable(long timeoutNs) throws IOException {
        lock.lock();
        try {
            if (channel.isOpen() && !channel.isBlocking()) {
                writeWanted = true;
                applyInterest();
                changed.await(timeoutNs, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the channel's interruptor has closed it: the caller sees that
        } finally {
            lock.unlock();
        }
    }

    void wakeWriters() {
        if (lock.tryLock()) {
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Reads from TCP; the result is as of a channel, and 0 also when a mode change makes a blocking read return early. Called
     * by the owner of the TCP input.
     */
    int read(ByteBuffer dst, long timeoutNs) throws IOException {
        if (timeoutNs > 0 && timeoutNs != ByteStream.FOREVER && channel.isBlocking()) {
            return readTimed(dst, timeoutNs);
        }
        int n = channel.read(dst);
        if (n == 0 && timeoutNs > 0 && dst.hasRemaining()) {
            awaitModeChange();
        }
        return n;
    }

    /** A blocking reader meets a non-blocking channel only while kept bytes are being sent. */
    private void awaitModeChange() {
        lock.lock();
        try {
            if (!channel.isBlocking()) {
                changed.await(1, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the next read closes the channel, as it must
        } finally {
            lock.unlock();
        }
    }

    private int readTimed(ByteBuffer dst, long timeoutNs) throws IOException {
        long ms = Math.min(Integer.MAX_VALUE, Math.max(1, (timeoutNs + 999_999) / 1_000_000));
        byte[] chunk = new byte[Math.min(dst.remaining(), 16 * 1024)];
        int before = channel.socket().getSoTimeout();
        channel.socket().setSoTimeout((int) ms);
        try {
            InputStream in = channel.socket().getInputStream();
            int n = in.read(chunk);
            if (n > 0) {
                dst.put(chunk, 0, n);
            }
            return n;
        } finally {
            if (channel.isOpen()) {
                channel.socket().setSoTimeout(before);
            }
        }
    }

    /** Makes TCP non-blocking for good, for the last look at its input. */
    void forClosing() throws IOException {
        unwatch();
        configureBlocking(false);
    }

    /**
     * After a failure: nothing orderly may leave, and nobody may stay blocked in TCP. A channel that a selector may watch stays
     * open until the application closes it.
     */
    void abort() {
        try {
            if (channel.isOpen() && channel.isBlocking()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.close();
            }
        } catch (IOException e) {
            return; // it is not connected any more: that is what was wanted
        }
    }

    /** Whether urgent data belongs into the stream (SO_OOBINLINE). */
    boolean urgentInline() {
        try {
            return channel.isOpen() && channel.socket().getOOBInline();
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    /**
     * Closes TCP: at once with a reset, at once as the kernel does it, or after what was kept back has been sent and, for a
     * connection of frames, after the peer's end.
     *
     * @param rest takes over the connection; it must do so when something is kept back, and is null when a reader may be
     *     inside TCP
     */
    void close(boolean reset, LingeringClose rest, LingeringCloses all) throws IOException {
        boolean linger;
        lock.lock();
        try {
            changed.signalAll();
            if (reset && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            linger = !reset && channel.isOpen() && rest != null && lingers(rest, all);
            if (watch != null && !linger) {
                watch.interest(0); // wakes the loop, whose selector else would hold the descriptor
            }
        } finally {
            lock.unlock();
        }
        if (linger) {
            leaveTo(rest);
        } else {
            channel.close();
        }
    }

    private boolean lingers(LingeringClose rest, LingeringCloses all) throws IOException {
        boolean must = pending != null;
        if (!must && channel.getOption(StandardSocketOptions.SO_LINGER) > 0 || !all.add(rest, must)) {
            return false; // close itself waits
        }
        try {
            rest.watch(theWatch());
        } catch (IOException e) {
            all.remove(rest);
            return false; // the loop has ended
        }
        lingering = rest;
        return true;
    }

    private void leaveTo(LingeringClose rest) {
        try {
            rest.begin();
        } catch (IOException e) {
            rest.finish(); // the connection is broken
        }
    }
}
