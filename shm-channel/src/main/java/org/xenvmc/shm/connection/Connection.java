package org.xenvmc.shm.connection;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.StreamControl;

/**
 * One connection in the table (paper: conn_t). Fields that are not volatile belong to the manager's thread.
 */
final class Connection implements ConnectionManager.Handle {
    /** Where the negotiation stands. */
    enum Phase {
        IDLE,
        OFFERED,
        ACCEPTED,
        ACTIVE
    }

    /** Both addresses, as one end sees them. */
    record Tuple(InetSocketAddress local, InetSocketAddress remote) {
        Tuple mirrored() {
            return new Tuple(remote, local);
        }
    }

    private final ShmConnectionManager manager;
    private final StreamControl stream;
    private final Tuple tuple;
    private volatile int slot = -1;
    private volatile Vm peer;
    private volatile boolean considered;
    private volatile boolean closed;

    Phase phase = Phase.IDLE;
    Message.Ref peerRef = Message.Ref.NONE;
    UUID peerUuid;
    long offer;
    int retries;

    /** This end has refused an offer for a reason that passes. */
    volatile boolean refusedOffer;

    /** Changes with every set of rings, so that what was begun for the last ones does not touch the next. */
    int attempt;

    final Set<Vm> asked = new HashSet<>();
    ReasonCode worstRefusal = ReasonCode.NO_MIRRORED_CONNECTION;
    int generation;

    Connection(ShmConnectionManager manager, StreamControl stream) {
        this.manager = manager;
        this.stream = stream;
        this.tuple = new Tuple(stream.localAddress(), stream.remoteAddress());
    }

    StreamControl stream() {
        return stream;
    }

    Tuple tuple() {
        return tuple;
    }

    int slot() {
        return slot;
    }

    void slot(int value) {
        slot = value;
    }

    Message.Ref ref() {
        return new Message.Ref(slot, generation);
    }

    Vm peerVm() {
        return peer;
    }

    /** Sets or forgets the VM at the other end. */
    void peerVm(Vm vm) {
        Vm before = peer;
        if (before != null) {
            before.connections().remove(this);
        }
        peer = vm;
        if (vm != null) {
            peerUuid = vm.member().uuid();
            vm.connections().add(this);
        }
    }

    boolean considered() {
        return considered;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public long id() {
        return slot;
    }

    @Override
    public VmId peer() {
        Vm vm = peer;
        return vm == null ? null : vm.member().id();
    }

    @Override
    public void consider() {
        if (!considered) {
            considered = true;
            manager.considerLater(this);
        }
    }

    @Override
    public void reconsider() {
        if (considered) {
            manager.considerLater(this);
        }
    }

    @Override
    public void closed() {
        closed = true;
        manager.remove(this);
    }
}
