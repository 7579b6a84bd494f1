package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/** Both ends of connections in one process, with memory between them, and a thread that delivers signals. */
final class FakeEngine implements TransportEngine, SignalPoller {
    private static final int RING_BYTES = 64;

    final List<InetSocketAddress> listening = new CopyOnWriteArrayList<>();
    final Map<InetSocketAddress, FakeStream> streams = new ConcurrentHashMap<>();
    final AtomicInteger spins = new AtomicInteger();
    final boolean startInMemory;

    private final Map<String, FakeRing> rings = new ConcurrentHashMap<>();
    private final Queue<FakeStream> signals = new ConcurrentLinkedQueue<>();
    private final AtomicInteger spinning = new AtomicInteger();
    private final Thread deliverer = new Thread(this::deliver, "signals");
    private volatile boolean closed;

    /** Signals are delivered by the thread that gives them, before it goes on. */
    volatile boolean deliverAtOnce;

    FakeEngine(boolean startInMemory) {
        this.startInMemory = startInMemory;
        deliverer.setDaemon(true);
        deliverer.start();
    }

    private void deliver() {
        while (!closed) {
            poll();
            if (signals.isEmpty()) {
                LockSupport.park(this);
            }
        }
    }

    void signal(FakeStream stream) {
        if (deliverAtOnce) {
            stream.tellListeners();
            return;
        }
        signals.add(stream);
        if (spinning.get() == 0) {
            LockSupport.unpark(deliverer);
        }
    }

    FakeRing ring(InetSocketAddress from, InetSocketAddress to) {
        return rings.computeIfAbsent(from + ">" + to, k -> new FakeRing(RING_BYTES));
    }

    /** The stream of the end with this local address. */
    FakeStream stream(SocketChannel channel) throws IOException {
        return streams.get((InetSocketAddress) channel.getLocalAddress());
    }

    void closed(FakeStream stream) {
        streams.remove(stream.local);
    }

    @Override
    public ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException {
        FakeStream stream = new FakeStream(this, tcp, initiator, section);
        streams.put(stream.local, stream);
        return stream;
    }

    @Override
    public void listening(InetSocketAddress local) {
        listening.add(local);
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        listening.remove(local);
    }

    @Override
    public SignalPoller signalPoller() {
        return this;
    }

    @Override
    public boolean worthSpinning() {
        return !streams.isEmpty();
    }

    @Override
    public void enter() {
        spins.incrementAndGet();
        spinning.incrementAndGet();
    }

    @Override
    public boolean poll() {
        FakeStream stream = signals.poll();
        if (stream == null) {
            return false;
        }
        do {
            stream.tellListeners();
            stream = signals.poll();
        } while (stream != null);
        return true;
    }

    @Override
    public void exit() {
        if (spinning.decrementAndGet() == 0 && !signals.isEmpty()) {
            LockSupport.unpark(deliverer);
        }
    }

    int spinningNow() {
        return spinning.get();
    }

    @Override
    public List<ConnectionInfo> connections() {
        return streams.values().stream().map(FakeStream::info).toList();
    }

    @Override
    public HostStatus hostStatus() {
        return new HostStatus("fake", true, ReasonCode.NONE, null, 1, List.of());
    }

    @Override
    public SwitchReport leaveHost(Duration limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void joinHost(String host) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setEnabled(boolean enabled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(deliverer);
    }
}
