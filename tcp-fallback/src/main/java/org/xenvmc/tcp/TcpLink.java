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
    }

    private static final long CLOSE_LIMIT_MS = 60_000;

    private final SocketChannel channel;
    private final WatchLoop loop;
    private final ControlPath control;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Watch watch;
    private boolean appBlocking;
    private volatile boolean watching;
    private boolean writeWanted;
    private boolean closeWhenDrained;
    private volatile ByteBuffer pending;

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
        boolean block = appBlocking && !watching && pending == null;
        if (channel.isOpen() && channel.isBlocking() != block) {
            if (block && watch != null) {
                watch.cancel();
            }
            channel.configureBlocking(block);
        }
        changed.signalAll();
    }

    /**
     * The incoming direction is on a ring: the loop takes over the TCP input. The caller holds the read lock and makes sure
     * that no writer is inside TCP.
     */
    void watch() throws IOException {
        lock.lock();
        try {
            if (!watching && channel.isOpen()) {
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
            if (watching) {
                watching = false;
                if (watch != null) {
                    watch.cancel();
                }
                applyMode();
                applyInterest();
            }
        } finally {
            lock.unlock();
        }
    }

    private void applyInterest() throws IOException {
        int ops = interest();
        if (watch == null) {
            if (ops == 0) {
                return;
            }
            watch = loop.watch(channel, this::ready);
        }
        watch.interest(ops);
    }

    private int interest() {
        return (watching ? SelectionKey.OP_READ : 0)
                | (pending != null || writeWanted || closeWhenDrained ? SelectionKey.OP_WRITE : 0);
    }

    /** Called by the loop's thread. */
    private int ready(int readyOps) {
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
            pending = null; // the connection is broken; reading will say so
        }
        if (pending != null || !lock.tryLock()) {
            return false;
        }
        try {
            writeWanted = false;
            if (closeWhenDrained) {
                channel.close();
            }
            applyMode();
            return true;
        } catch (IOException e) {
            return true; // closing cannot be done better
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

    /** Like {@link #writeOrKeep}, behind what is kept already. */
    void finish(ByteBuffer frame) throws IOException {
        if (flush()) {
            writeOrKeep(frame);
            return;
        }
        ByteBuffer rest = pending;
        if (rest == null) {
            writeOrKeep(frame);
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
        if (channel.socket().getInputStream().available() > 0) {
            return channel.read(dst); // returns at once: nobody else takes these bytes
        }
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

    private void closeNow() {
        try {
            if (channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.close();
            }
        } catch (IOException e) {
            return; // closed meanwhile
        }
    }

    /** Closes TCP: at once with a reset, or after what was kept back has been sent. */
    void close(boolean reset) throws IOException {
        lock.lock();
        try {
            changed.signalAll();
            if (watch != null && (reset || pending == null)) {
                watch.interest(0); // wakes the loop, whose selector else would hold the descriptor
            }
            if (reset && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } else if (pending != null) {
                closeWhenDrained = true;
                applyInterest();
                watch.after(CLOSE_LIMIT_MS, this::closeNow); // the peer may never read
                return;
            }
        } finally {
            lock.unlock();
        }
        channel.close();
    }
}
