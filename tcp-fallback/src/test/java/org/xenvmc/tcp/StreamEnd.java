package org.xenvmc.tcp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;

/** One end of a connection, with its own event loop, and the part of the manager and of the channel played by the test. */
final class StreamEnd implements AutoCloseable {
    /** Nothing in these tests takes this long. */
    static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

    final SocketChannel tcp;
    final SwitchingStream stream;
    final AtomicInteger told = new AtomicInteger();
    private final WatchLoop loop = new WatchLoop(JdkSelectorProvider.get(), 3600, () -> {});
    final LingeringCloses closes;
    /** Runs in threads that are about to block. */
    volatile Runnable onBlocking = () -> {};

    private volatile boolean closed;
    private boolean blocking = true;
    volatile long sent;
    volatile long received;

    StreamEnd(SocketChannel tcp, boolean initiator) throws IOException {
        this(tcp, initiator, new LingeringCloses());
    }

    StreamEnd(SocketChannel tcp, boolean initiator, LingeringCloses closes) throws IOException {
        this.tcp = tcp;
        this.closes = closes;
        stream = new SwitchingStream(
                new VmcContext().conclude(), loop, new FrameBuffers(), closes, tcp, initiator, new Section());
        stream.register(new NoConnectionManager(), () -> {});
        stream.addListener(told::incrementAndGet);
    }

    /** As a channel does. */
    private final class Section implements BlockingSection {
        @Override
        public void beginBlocking() {
            onBlocking.run();
        }

        @Override
        public void endBlocking(boolean completed) throws AsynchronousCloseException {
            if (!completed && closed) {
                throw new AsynchronousCloseException();
            }
        }
    }

    // ---- rings

    /** This end sends on the ring from its next write on. */
    void sendOn(FakeRing ring) {
        ring.sender.onSignal(stream::signalled);
        if (!stream.offerSender(ring.sender)) {
            throw new AssertionError("the stream does not take a ring for sending");
        }
    }

    /** This end is ready to receive from the ring. */
    void receiveOn(FakeRing ring) {
        if (!tryReceiveOn(ring)) {
            throw new AssertionError("the stream does not take a ring for receiving");
        }
    }

    boolean tryReceiveOn(FakeRing ring) {
        ring.receiver.onSignal(stream::signalled);
        return stream.attachReceiver(ring.receiver);
    }

    // ---- data that is numbered through the stream

    static byte at(long offset) {
        return (byte) (offset * 0x9E3779B97F4A7C15L >>> 56);
    }

    static byte[] bytes(long from, int length) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = at(from + i);
        }
        return b;
    }

    int write(int length, boolean blocking) throws IOException {
        int n = stream.write(ByteBuffer.wrap(bytes(sent, length)), blocking);
        sent += n;
        return n;
    }

    /** Writes all of it, not blocking in between. */
    void send(int length) throws IOException {
        long until = sent + length;
        long deadline = System.nanoTime() + LIMIT_NS;
        while (sent < until) {
            if (write((int) (until - sent), false) == 0) {
                pause(deadline, "write at " + sent);
            }
        }
    }

    /** One read; what it brings is checked. */
    int read(int length, long timeoutNs) throws IOException {
        ByteBuffer dst = ByteBuffer.allocate(length);
        int n = stream.read(dst, timeoutNs);
        check(dst.flip());
        return n;
    }

    void check(ByteBuffer got) {
        while (got.hasRemaining()) {
            byte b = got.get();
            if (b != at(received)) {
                throw new AssertionError("byte " + received + " is " + b + " and not " + at(received));
            }
            received++;
        }
    }

    /** Reads that many bytes, blocking or not as the channel is. */
    void receive(int length) throws IOException {
        long until = received + length;
        long deadline = System.nanoTime() + LIMIT_NS;
        long timeout = blocking ? LIMIT_NS : ByteStream.NON_BLOCKING;
        while (received < until) {
            int n = read((int) (until - received), timeout);
            if (n < 0) {
                throw new AssertionError("end of stream at " + received + ", expected up to " + until);
            }
            if (n == 0) {
                pause(deadline, "read at " + received);
            }
        }
    }

    void receiveEnd() throws IOException {
        long deadline = System.nanoTime() + LIMIT_NS;
        long timeout = blocking ? LIMIT_NS : ByteStream.NON_BLOCKING;
        int n;
        while ((n = read(1, timeout)) == 0) {
            pause(deadline, "end at " + received);
        }
        if (n > 0) {
            throw new AssertionError("there is more at " + received);
        }
    }

    void nonBlocking() throws IOException {
        blocking = false;
        stream.configureBlocking(false);
    }

    private static void pause(long deadline, String what) throws SocketTimeoutException {
        if (System.nanoTime() - deadline > 0) {
            throw new SocketTimeoutException("nothing happens: " + what);
        }
        LockSupport.parkNanos(100_000);
    }

    boolean readable() {
        return (stream.readyOps(SelectionKey.OP_READ) & SelectionKey.OP_READ) != 0;
    }

    void closeStream() throws IOException {
        closed = true;
        stream.close();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        stream.close();
        tcp.close();
        loop.close();
        closes.close();
    }
}
