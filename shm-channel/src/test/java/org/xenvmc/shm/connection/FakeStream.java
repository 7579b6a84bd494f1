package org.xenvmc.shm.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.RingReceiver;
import org.xenvmc.transport.spi.RingSender;
import org.xenvmc.transport.spi.StreamControl;

/** A stream that takes the rings it is given and does nothing with them. */
final class FakeStream implements StreamControl {
    final List<RingReceiver> receivers = new CopyOnWriteArrayList<>();
    final List<RingSender> senders = new CopyOnWriteArrayList<>();
    final List<String> failures = new CopyOnWriteArrayList<>();
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final boolean initiator;
    volatile boolean upgradable = true;
    volatile boolean wantsSender = true;
    volatile boolean wantsReceiver = true;
    volatile boolean gone;
    /** The application is inside, so that nothing can be taken off. */
    volatile boolean busy;

    volatile boolean unfinishedWhenGone;
    volatile int leaves;
    volatile Runnable onUpgradable = () -> {};
    volatile Runnable onLeave = () -> {};
    volatile ReasonCode reason;
    final List<ReasonCode> reasons = new CopyOnWriteArrayList<>();
    volatile int signals;
    volatile ConnectionManager.Handle handle;

    FakeStream(InetSocketAddress local, InetSocketAddress remote, boolean initiator) {
        this.local = local;
        this.remote = remote;
        this.initiator = initiator;
    }

    static InetSocketAddress address(int lastByte, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) lastByte}), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    FakeStream register(ConnectionManager manager) {
        handle = manager.register(this);
        return this;
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public boolean initiator() {
        return initiator;
    }

    @Override
    public ReasonCode upgradeObstacle() {
        onUpgradable.run();
        return upgradable ? ReasonCode.NONE : ReasonCode.HALF_CLOSED;
    }

    @Override
    public boolean attachReceiver(RingReceiver ring) {
        if (wantsReceiver) {
            receivers.add(ring);
            ring.ready();
        }
        return wantsReceiver;
    }

    @Override
    public boolean offerSender(RingSender ring) {
        if (wantsSender) {
            senders.add(ring);
        }
        return wantsSender;
    }

    @Override
    public boolean leaveSender(ReasonCode why, long limitNs) {
        leaves++;
        onLeave.run();
        senders.forEach(s -> {
            s.cancel();
            s.release();
        });
        senders.clear();
        return true;
    }

    @Override
    public boolean leaveReceiver(ReasonCode why, long limitNs) {
        if (busy) {
            return false;
        }
        receivers.forEach(RingReceiver::release);
        receivers.clear();
        return true;
    }

    @Override
    public boolean senderDrained() {
        return true;
    }

    @Override
    public boolean usesSharedMemory() {
        return !receivers.isEmpty() || !senders.isEmpty();
    }

    @Override
    public long drainedBytes() {
        return 0;
    }

    @Override
    public void fail(ReasonCode why, String detail) {
        failures.add(why + ": " + detail);
    }

    @Override
    public void signalled() {
        signals++;
    }

    @Override
    public boolean peerGone() {
        gone = true;
        return unfinishedWhenGone;
    }

    @Override
    public void reason(ReasonCode why) {
        reason = why;
        reasons.add(why);
    }

    @Override
    public ConnectionInfo info() {
        ConnectionInfo.Direction none = new ConnectionInfo.Direction(null, reason, 0, 0, 0, 0, 0, 0, 0);
        return new ConnectionInfo(handle == null ? -1 : handle.id(), local, remote, initiator, null, none, none);
    }
}
