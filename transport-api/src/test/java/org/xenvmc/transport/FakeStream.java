package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.ReadinessListener;

/** A stream that a test puts on memory or on TCP as it likes, both ends at once, while nothing is under way. */
final class FakeStream implements ByteStream {
    final SocketChannel tcp;
    final InetSocketAddress local;
    final InetSocketAddress remote;
    final AtomicInteger evaluations = new AtomicInteger();
    final Set<ReadinessListener> listeners = ConcurrentHashMap.newKeySet();

    /** Run when somebody has asked for a signal and there was nothing: the narrow place of every lost wake-up. */
    volatile Runnable afterArm = () -> {};

    /** Run when a direction ends: whoever was blocked in it goes on from here. */
    volatile Runnable onShutdown = () -> {};

    private final FakeEngine engine;
    private final boolean initiator;
    private final BlockingSection section;
    private final FakeRing in;
    private final FakeRing out;
    private volatile boolean inMemory;

    FakeStream(FakeEngine engine, SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException {
        this.engine = engine;
        this.tcp = tcp;
        this.initiator = initiator;
        this.section = section;
        this.local = (InetSocketAddress) tcp.getLocalAddress();
        this.remote = (InetSocketAddress) tcp.getRemoteAddress();
        this.in = engine.ring(remote, local);
        this.out = engine.ring(local, remote);
        this.inMemory = engine.startInMemory;
        in.reader(() -> engine.signal(this));
        out.writer(() -> engine.signal(this));
    }

    /** Changes the path of both directions, of this end. */
    void path(boolean memory) {
        inMemory = memory;
        tellListeners();
    }

    void tellListeners() {
        listeners.forEach(ReadinessListener::readinessMayHaveChanged);
    }

    /** Sends a byte on TCP that is not for the application. */
    void sendControl() throws IOException {
        tcp.write(ByteBuffer.allocate(1));
    }

    private interface Attempt {
        long run() throws IOException;
    }

    private long transfer(Attempt attempt, boolean reading, long timeoutNs) throws IOException {
        if (!tcp.isOpen()) {
            throw new ClosedChannelException();
        }
        long n = attempt.run();
        if (n != 0 || timeoutNs == NON_BLOCKING) {
            return n;
        }
        long startNs = System.nanoTime();
        boolean interrupted = false;
        section.beginBlocking();
        try {
            while (tcp.isOpen() && (n = attempt.run()) == 0) {
                if (System.nanoTime() - startNs >= timeoutNs) {
                    throw new SocketTimeoutException("Read timed out");
                }
                interrupted |= !awaitChange(reading ? in : out, reading);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            section.endBlocking(n > 0);
        }
        return n;
    }

    /** Returns false when the thread was interrupted: JDK 25 wakes it first, and ends the operation, by closing, after that. */
    private static boolean awaitChange(FakeRing ring, boolean reading) {
        try {
            ring.awaitChange(reading);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public int read(ByteBuffer dst, long timeoutNs) throws IOException {
        return inMemory ? (int) transfer(() -> in.read(dst), true, timeoutNs) : tcp.read(dst);
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        return inMemory ? read(dsts[offset], timeoutNs) : tcp.read(dsts, offset, length);
    }

    @Override
    public int write(ByteBuffer src, boolean blocks) throws IOException {
        if (!inMemory) {
            return tcp.write(src);
        }
        int before = src.remaining();
        do {
            transfer(() -> out.write(src), false, blocks ? FOREVER : NON_BLOCKING);
        } while (blocks && src.hasRemaining());
        return before - src.remaining();
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length, boolean blocks) throws IOException {
        return inMemory ? write(srcs[offset], blocks) : tcp.write(srcs, offset, length);
    }

    @Override
    public int available() throws IOException {
        return inMemory ? in.available() : tcp.socket().getInputStream().available();
    }

    @Override
    public void sendUrgent(int data) throws IOException {
        write(ByteBuffer.wrap(new byte[] {(byte) data}), true);
    }

    @Override
    public void shutdownInput() throws IOException {
        in.end();
        onShutdown.run();
        tcp.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        out.end();
        onShutdown.run();
        tcp.shutdownOutput();
    }

    @Override
    public void configureBlocking(boolean block) throws IOException {
        tcp.configureBlocking(block);
    }

    @Override
    public void close() throws IOException {
        tcp.close();
        out.end();
        in.end();
        engine.closed(this);
    }

    @Override
    public int readyOps(int interestOps) {
        evaluations.incrementAndGet();
        if (!inMemory) {
            return 0;
        }
        return (in.readable() ? interestOps & SelectionKey.OP_READ : 0)
                | (out.writable() ? interestOps & SelectionKey.OP_WRITE : 0);
    }

    @Override
    public int arm(int interestOps) {
        if (!inMemory) {
            return 0;
        }
        boolean wantsRead = (interestOps & SelectionKey.OP_READ) != 0;
        boolean wantsWrite = (interestOps & SelectionKey.OP_WRITE) != 0;
        int ready = (wantsRead && in.askReadable() ? SelectionKey.OP_READ : 0)
                | (wantsWrite && out.askWritable() ? SelectionKey.OP_WRITE : 0);
        if (ready == 0) {
            afterArm.run();
        }
        return ready;
    }

    @Override
    public int tcpInterestOps(int interestOps) {
        return inMemory ? SelectionKey.OP_READ : interestOps; // control frames are always looked for
    }

    @Override
    public int tcpReadyOps(int tcpReadyOps) {
        if (!inMemory) {
            return tcpReadyOps;
        }
        try {
            tcp.read(ByteBuffer.allocate(64));
        } catch (IOException e) {
            return SelectionKey.OP_READ;
        }
        return 0;
    }

    @Override
    public void addListener(ReadinessListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(ReadinessListener listener) {
        listeners.remove(listener);
    }

    @Override
    public ConnectionInfo info() {
        ConnectionInfo.Direction d = new ConnectionInfo.Direction(
                inMemory ? Path.SHARED_MEMORY : Path.TCP, ReasonCode.NONE, 0, 0, 0, 0, 0, 0, 0);
        return new ConnectionInfo(7, local, remote, initiator, null, d, d);
    }
}
