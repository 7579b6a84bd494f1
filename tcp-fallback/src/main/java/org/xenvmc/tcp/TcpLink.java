package org.xenvmc.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.TimedWait;
import org.xenvmc.transport.spi.TimedWaits;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * The TCP channel of a stream. It is in the application's blocking mode, except while the loop watches it beside a ring:
 * then it is non-blocking. Bytes of frames that did not fit are kept and sent by the loop.
 */
final class TcpLink extends WatchedTcp {
    /** Bytes that the kernel had when it was asked, without those read since: at least so many are there. The owner's. */
    private int known;

    /** The adaptor's stream, once it was needed: the adaptor makes a new one for each who asks. The owner's. */
    private InputStream adaptorStream;

    /** Null without the agent. */
    private final TimedWait wait;

    TcpLink(SocketChannel channel, WatchLoop loop, ControlPath control) {
        super(channel, loop, control);
        this.wait = TimedWaits.of(channel);
    }

    /** Sends what was kept back; true when nothing is left. Called under the write lock or by the loop. */
    @Override
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
        int n = readWithin(dst, timeoutNs);
        took(n);
        return n;
    }

    private int readWithin(ByteBuffer dst, long timeoutNs) throws IOException {
        if (timeoutNs > 0 && timeoutNs != ByteStream.FOREVER) {
            return channel.isBlocking() ? readTimed(dst, timeoutNs) : readUnblocked(dst);
        }
        int n = channel.read(dst);
        if (n == 0 && timeoutNs > 0 && dst.hasRemaining()) {
            awaitModeChange();
        }
        return n;
    }

    /** For a reader with a limit: a channel that becomes blocking just now would keep it for ever. */
    private int readUnblocked(ByteBuffer dst) throws IOException {
        int n = 0;
        lock.lock(); // the mode changes under it only
        try {
            if (!channel.isBlocking()) {
                n = channel.read(dst);
            }
        } finally {
            lock.unlock();
        }
        if (n == 0 && dst.hasRemaining()) {
            awaitModeChange();
        }
        return n;
    }

    /** Likewise into several buffers, without a limit of time. Returns at once if the channel does not block. */
    long read(ByteBuffer... dsts) throws IOException {
        long n = channel.read(dsts);
        took(n);
        return n;
    }

    private void took(long bytes) {
        known -= (int) Math.min(known, Math.max(0, bytes));
    }

    /** Asks the kernel how many bytes can be read without waiting. Called by the owner of the TCP input. */
    int inKernel() throws IOException {
        known = adaptorStream().available();
        return known;
    }

    private InputStream adaptorStream() throws IOException {
        if (adaptorStream == null) {
            adaptorStream = channel.socket().getInputStream();
        }
        return adaptorStream;
    }

    /** Likewise, without asking when the answer is known. The last byte might be taken away as urgent data. */
    private boolean hasBytes() throws IOException {
        return known > 1 || inKernel() > 0;
    }

    /** A blocking reader meets a non-blocking channel while kept bytes are being sent, or the loop has not let go yet. */
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
        if (wait == null || VirtualThreads.isVirtual(Thread.currentThread())) {
            return readByAdaptor(dst, timeoutNs);
        }
        return known > 1 || wait.awaitReadable(channel, timeoutNs) ? channel.read(dst) : 0;
    }

    private int readByAdaptor(ByteBuffer dst, long timeoutNs) throws IOException {
        if (hasBytes()) {
            return channel.read(dst); // returns at once: nobody else takes these bytes
        }
        long ms = Math.min(Integer.MAX_VALUE, Math.max(1, (timeoutNs + 999_999) / 1_000_000));
        byte[] chunk = new byte[Math.min(dst.remaining(), 16 * 1024)];
        int before = channel.socket().getSoTimeout();
        channel.socket().setSoTimeout((int) ms);
        try {
            int n = adaptorStream().read(chunk);
            if (n > 0) {
                dst.put(chunk, 0, n);
            }
            return n;
        } catch (IllegalBlockingModeException e) {
            return 0; // it has just become one that does not block
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

    /** Whether urgent data belongs into the stream (SO_OOBINLINE). */
    boolean urgentInline() {
        try {
            return channel.isOpen() && channel.socket().getOOBInline();
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
