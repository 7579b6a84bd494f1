package org.xenvmc.migration.assistant;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/** An engine that only remembers on which host it is and what was asked of it. */
public final class FakeEngine implements TransportEngine {
    static final SwitchReport REPORT = new SwitchReport(3, 2, 1, 4096, 1_000);

    /** Everything that was asked, in order. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** Where it is; null for nowhere. */
    volatile String host;

    /** What leaving fails with; null when it works. */
    volatile Exception leavingFails;

    /** Hosts that cannot be joined. */
    final List<String> refused = new CopyOnWriteArrayList<>();

    /** Leaving waits for this; reached when somebody leaves. */
    volatile CountDownLatch leavingWaitsFor = new CountDownLatch(0);

    final CountDownLatch leaving = new CountDownLatch(1);
    private volatile boolean enabled = true;
    private volatile List<ConnectionInfo> connections = List.of();

    FakeEngine(String host) {
        this.host = host;
    }

    void connections(ConnectionInfo... infos) {
        connections = List.of(infos);
    }

    @Override
    public SwitchReport leaveHost(Duration limit) throws IOException {
        asked.add("leave within " + limit.toMillis());
        leaving.countDown();
        try {
            if (!leavingWaitsFor.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody let the engine go on");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (leavingFails instanceof IOException e) {
            throw e;
        }
        if (leavingFails instanceof RuntimeException e) {
            throw e;
        }
        host = null;
        return REPORT;
    }

    @Override
    public void joinHost(String name) throws IOException {
        asked.add("join " + name);
        if (refused.contains(name)) {
            throw new IOException(name + " is full");
        }
        host = name;
    }

    @Override
    public HostStatus hostStatus() {
        if (host == null) {
            return new HostStatus(null, false, ReasonCode.MIGRATING, null, 0, List.of());
        }
        VmId self = new VmId("10.0.0.1", 7);
        HostStatus.VmEntry entry = new HostStatus.VmEntry(
                self, "uuid-of-this", 4711, "net", List.of("10.0.0.1"), List.of(80, 443), connections.size());
        return new HostStatus(host, true, enabled ? ReasonCode.NONE : ReasonCode.SWITCHED_OFF, self, 5, List.of(entry));
    }

    @Override
    public List<ConnectionInfo> connections() {
        return connections;
    }

    @Override
    public void setEnabled(boolean value) {
        enabled = value;
        asked.add("enabled " + value);
    }

    @Override
    public ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) {
        throw new AssertionError("no connection is opened here");
    }

    @Override
    public void listening(InetSocketAddress local) {
        throw new AssertionError("nobody listens here");
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        throw new AssertionError("nobody listens here");
    }

    @Override
    public SignalPoller signalPoller() {
        throw new AssertionError("nobody selects here");
    }

    @Override
    public void close() {
        asked.add("close");
    }
}
