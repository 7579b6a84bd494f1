package org.xenvmc.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.ConnectionManagerFactory;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/** Joins the connection manager, which knows shared memory, and the streams, which know TCP. */
final class SwitchingEngine implements TransportEngine {
    /** Less than the shortest time after which middle boxes forget an idle connection in practice. */
    private static final long KEEP_ALIVE_S = 45;

    private final VmcContext context;
    private final Set<SwitchingStream> streams = ConcurrentHashMap.newKeySet();
    private final ConnectionManager manager;
    private final FrameBuffers buffers = new FrameBuffers();
    private final LingeringCloses closes = new LingeringCloses();
    private final Tally tally = new Tally();
    private final List<Runnable> whenClosed = new ArrayList<>();
    private WatchLoop loop;
    private boolean closed;

    SwitchingEngine(VmcContext context) {
        this.context = context;
        this.manager = findManager();
    }

    private ConnectionManager findManager() {
        Iterator<ConnectionManagerFactory> found = ServiceLoader.load(
                        ConnectionManagerFactory.class, SwitchingEngine.class.getClassLoader())
                .iterator();
        return found.hasNext() ? found.next().create(context, this) : new NoConnectionManager();
    }

    @Override
    public ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException {
        SwitchingStream stream = new SwitchingStream(context, loop(tcp), buffers, closes, tcp, initiator, section);
        streams.add(stream);
        tally.opened(stream);
        stream.register(manager, () -> tally.closed(stream, streams));
        return stream;
    }

    private synchronized WatchLoop loop(SocketChannel tcp) {
        if (loop == null) {
            loop = new WatchLoop(tcp.provider(), KEEP_ALIVE_S, () -> streams.forEach(SwitchingStream::keepAlive));
        }
        return loop;
    }

    @Override
    public void listening(InetSocketAddress local) {
        manager.listening(local);
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        manager.stoppedListening(local);
    }

    @Override
    public SignalPoller signalPoller() {
        return manager.signalPoller();
    }

    @Override
    public List<ConnectionInfo> connections() {
        return manager.connections();
    }

    @Override
    public HostStatus hostStatus() {
        return manager.hostStatus();
    }

    @Override
    public ReasonCode obstacle(InetSocketAddress local, InetSocketAddress remote) {
        return manager.obstacle(local, remote);
    }

    @Override
    public List<Candidate> candidates(InetSocketAddress remote) {
        return manager.candidates(remote);
    }

    @Override
    public TransportStatistics statistics() {
        return tally.with(streams);
    }

    @Override
    public SwitchReport leaveHost(Duration limit) throws IOException {
        return manager.leaveHost(limit);
    }

    @Override
    public void joinHost(String host) throws IOException {
        manager.joinHost(host);
    }

    @Override
    public void setEnabled(boolean enabled) {
        manager.setEnabled(enabled);
    }

    @Override
    public void close() {
        manager.close();
        List<Runnable> actions;
        synchronized (this) {
            if (loop != null) {
                loop.close();
            }
            closed = true;
            actions = List.copyOf(whenClosed);
            whenClosed.clear();
        }
        closes.close(); // after the loop: nobody else has them in hand
        actions.forEach(Runnable::run);
    }

    @Override
    public void whenClosed(Runnable action) {
        synchronized (this) {
            if (!closed) {
                whenClosed.add(action);
                return;
            }
        }
        action.run();
    }
}
