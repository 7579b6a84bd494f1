package org.xenvmc.transport;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.ReadinessListener;

/** Plain TCP: every operation is the same operation of the JDK's channel, which also does its own blocking. */
final class TcpByteStream implements ByteStream {
    private static final VarHandle BYTES_READ;
    private static final VarHandle BYTES_WRITTEN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BYTES_READ = lookup.findVarHandle(TcpByteStream.class, "bytesRead", long.class);
            BYTES_WRITTEN = lookup.findVarHandle(TcpByteStream.class, "bytesWritten", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SocketChannel tcp;
    private final boolean initiator;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final Consumer<TcpByteStream> onClose;

    /** Held from setting the time-out of the JDK's adaptor to the end of the read that it is meant for. */
    private final ReentrantLock timedReadLock = new ReentrantLock();

    private volatile InputStream adaptorStream;

    private volatile long bytesRead;
    private volatile long bytesWritten;

    TcpByteStream(SocketChannel tcp, boolean initiator, Consumer<TcpByteStream> onClose) throws IOException {
        this.tcp = tcp;
        this.initiator = initiator;
        this.local = (InetSocketAddress) tcp.getLocalAddress();
        this.remote = (InetSocketAddress) tcp.getRemoteAddress();
        this.onClose = onClose;
    }

    @Override
    public int read(ByteBuffer dst, long timeoutNs) throws IOException {
        int n = timeoutNs == FOREVER || timeoutNs == NON_BLOCKING ? tcp.read(dst) : timedRead(dst, timeoutNs);
        countRead(n);
        return n;
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        if (timeoutNs != FOREVER && timeoutNs != NON_BLOCKING) {
            return timedRead(dsts, offset, length, timeoutNs);
        }
        long n = tcp.read(dsts, offset, length);
        countRead(n);
        return n;
    }

    /** Only the JDK's adaptor can read with a time-out, and only into an array. */
    private int timedRead(ByteBuffer dst, long timeoutNs) throws IOException {
        if (!dst.hasRemaining()) {
            return 0;
        }
        if (dst.hasArray()) {
            int n = timedRead(dst.array(), dst.arrayOffset() + dst.position(), dst.remaining(), timeoutNs);
            dst.position(dst.position() + Math.max(n, 0));
            return n;
        }
        byte[] copy = new byte[Math.min(dst.remaining(), 8192)];
        int n = timedRead(copy, 0, copy.length, timeoutNs);
        dst.put(copy, 0, Math.max(n, 0));
        return n;
    }

    private int timedRead(byte[] array, int offset, int length, long timeoutNs) throws IOException {
        long leftNs = lockTimedRead(timeoutNs);
        try {
            long roundedUpMs = TimeUnit.NANOSECONDS.toMillis(leftNs + TimeUnit.MILLISECONDS.toNanos(1) - 1);
            InputStream in = adaptorStream();
            if (in == null) {
                return -1;
            }
            tcp.socket().setSoTimeout((int) Math.min(roundedUpMs, Integer.MAX_VALUE));
            return in.read(array, offset, length);
        } catch (SocketException e) {
            throw closed(e);
        } finally {
            timedReadLock.unlock();
        }
    }

    /** Waits no longer than the read may; an interrupt is kept for later, as the JDK's sockets do. Returns what is left of the time. */
    private long lockTimedRead(long timeoutNs) throws SocketTimeoutException {
        long beginNs = System.nanoTime();
        long leftNs = timeoutNs;
        boolean locked = timedReadLock.tryLock();
        boolean interrupted = false;
        while (!locked && leftNs > 0) {
            try {
                locked = timedReadLock.tryLock(leftNs, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            leftNs = timeoutNs - (System.nanoTime() - beginNs);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!locked) {
            throw new SocketTimeoutException("Read timed out");
        }
        return Math.max(1, leftNs);
    }

    /** The adaptor's stream, or null after {@link #shutdownInput}. */
    private InputStream adaptorStream() throws IOException {
        InputStream in = adaptorStream;
        if (in != null) {
            return in;
        }
        try {
            return adaptorStream = tcp.socket().getInputStream();
        } catch (SocketException e) {
            if (tcp.isOpen() && tcp.socket().isInputShutdown()) {
                return null;
            }
            throw closed(e);
        }
    }

    /** The adaptor says in its own way that the channel is closed. */
    private IOException closed(SocketException e) {
        return tcp.isOpen() ? e : new ClosedChannelException();
    }

    private long timedRead(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (dsts[i].hasRemaining()) {
                return read(dsts[i], timeoutNs);
            }
        }
        return 0;
    }

    private void countRead(long n) {
        if (n > 0) {
            BYTES_READ.getAndAdd(this, n);
        }
    }

    @Override
    public int write(ByteBuffer src, boolean blocking) throws IOException {
        int n = tcp.write(src);
        BYTES_WRITTEN.getAndAdd(this, (long) n);
        return n;
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length, boolean blocking) throws IOException {
        long n = tcp.write(srcs, offset, length);
        BYTES_WRITTEN.getAndAdd(this, n);
        return n;
    }

    @Override
    public int available() throws IOException {
        InputStream in = adaptorStream();
        return in == null ? 0 : in.available();
    }

    @Override
    public void sendUrgent(int data) throws IOException {
        tcp.socket().sendUrgentData(data);
    }

    @Override
    public void shutdownInput() throws IOException {
        tcp.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        tcp.shutdownOutput();
    }

    @Override
    public void configureBlocking(boolean block) throws IOException {
        tcp.configureBlocking(block);
    }

    @Override
    public void close() throws IOException {
        try {
            tcp.close();
        } finally {
            onClose.accept(this);
        }
    }

    @Override
    public int readyOps(int interestOps) {
        return 0;
    }

    @Override
    public int arm(int interestOps) {
        return 0;
    }

    @Override
    public int tcpInterestOps(int interestOps) {
        return interestOps;
    }

    @Override
    public int tcpReadyOps(int tcpReadyOps) {
        return tcpReadyOps;
    }

    @Override
    public void addListener(ReadinessListener listener) {
        // the path never changes
    }

    @Override
    public void removeListener(ReadinessListener listener) {
        // see addListener
    }

    @Override
    public ConnectionInfo info() {
        ReasonCode reason = tcp.isOpen() ? ReasonCode.NO_PROVIDER : ReasonCode.CLOSED;
        return new ConnectionInfo(
                -1, local, remote, initiator, null, direction(reason, bytesWritten), direction(reason, bytesRead));
    }

    private static ConnectionInfo.Direction direction(ReasonCode reason, long bytes) {
        return new ConnectionInfo.Direction(Path.TCP, reason, bytes, 0, 0, 0, 0, 0, 0);
    }
}
