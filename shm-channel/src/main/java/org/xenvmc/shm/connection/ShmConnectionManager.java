package org.xenvmc.shm.connection;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.StreamControl;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * The connection manager of one VM (paper: Connection Manager, with the Event and Message Manager's receiving side). All
 * changes of its state are made by one thread of its own; streams and the provider only leave work for it.
 */
final class ShmConnectionManager implements ConnectionManager {
    private static final Logger LOG = System.getLogger(ShmConnectionManager.class.getName());
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(30);

    private final VmcContext context;
    private final UUID uuid = UUID.randomUUID();
    private final ManagerThread thread = new ManagerThread("xenvmc-manager");
    private final ManagerPoller poller = new ManagerPoller();
    private final SlotTable slots;
    private final Map<Connection.Tuple, Connection> connections = new ConcurrentHashMap<>();
    private final ListeningPorts ports = new ListeningPorts(this);
    private final Rendezvous rendezvous;
    private final Relocation relocation;
    private final Commands commands;
    private final Residence residence;

    private volatile boolean enabled;
    private volatile boolean joinStarted;
    private volatile boolean closed;

    ShmConnectionManager(VmcContext context, TransportEngine engine, HostProvider provider) {
        this.context = context;
        this.enabled = context.enabled();
        this.slots = new SlotTable(context.maxConnections());
        this.rendezvous = new Rendezvous(this);
        this.relocation = new Relocation(this);
        this.commands = new Commands(this, engine);
        this.residence = new Residence(this, provider);
    }

    // ---- for the helpers of this package

    VmcContext context() {
        return context;
    }

    UUID uuid() {
        return uuid;
    }

    CoResidencyTable table() {
        return residence.table();
    }

    SlotTable slots() {
        return slots;
    }

    Collection<Connection> all() {
        return connections.values();
    }

    Connection find(Connection.Tuple tuple) {
        return connections.get(tuple);
    }

    HostMembership membership() {
        return residence.membership();
    }

    boolean enabled() {
        return enabled;
    }

    /** Why nothing can be on shared memory at present; NONE when it can. */
    ReasonCode obstacle() {
        return !enabled ? ReasonCode.SWITCHED_OFF : residence.obstacle();
    }

    ListeningPorts ports() {
        return ports;
    }

    Rendezvous rendezvous() {
        return rendezvous;
    }

    Relocation relocation() {
        return relocation;
    }

    Commands commands() {
        return commands;
    }

    ManagerPoller poller() {
        return poller;
    }

    /** Ends the membership; the rings are given back already. */
    void endMembership() {
        residence.end();
    }

    /** The JVM is ending; see {@link HostListener#ending()}. Any thread. */
    boolean ending(Duration limit) {
        joinStarted = true; // nobody joins again by himself
        try {
            return thread.call(() -> relocation.tryLeave(limit.toNanos()), limit.plus(limit));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the memory is in use until the end of the JVM", e);
            return false;
        }
    }

    void schedule(Runnable task, long delayMs) {
        thread.schedule(task, delayMs);
    }

    void execute(Runnable task) {
        thread.execute(task);
    }

    // ---- ConnectionManager

    @Override
    public Handle register(StreamControl stream) {
        Connection c = new Connection(this, stream);
        connections.put(c.tuple(), c);
        if (!context.permits(stream.localAddress(), stream.remoteAddress())) {
            stream.reason(ReasonCode.DENIED_BY_RULE);
        } else if (!enabled) {
            stream.reason(ReasonCode.SWITCHED_OFF);
        }
        if (!stream.initiator()) {
            ports.accepted(c.tuple().local().getPort());
            rendezvous.arrived(c);
        }
        joinInBackground();
        return c;
    }

    void remove(Connection c) {
        connections.remove(c.tuple(), c);
        if (!c.stream().initiator()) {
            ports.acceptedEnded(c.tuple().local().getPort());
        }
        if (c.slot() >= 0 || c.peerVm() != null || c.refusedOffer) {
            execute(() -> {
                slots.remove(c);
                c.peerVm(null);
                rendezvous.refused().ended(c);
                rendezvous.refused().givenBack();
            });
        }
    }

    void considerLater(Connection c) {
        execute(() -> rendezvous.consider(c));
    }

    @Override
    public void listening(InetSocketAddress local) {
        execute(() -> ports.opened(local.getPort()));
        joinInBackground();
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        execute(() -> ports.closed(local.getPort()));
    }

    void startLeaving(Connection c, ReasonCode why, boolean tell) {
        relocation.start(c, why, tell);
    }

    Message.Writer message() {
        return new Message.Writer(membership().self().domId());
    }

    @Override
    public SignalPoller signalPoller() {
        return poller;
    }

    @Override
    public List<ConnectionInfo> connections() {
        return connections.values().stream().map(c -> c.stream().info()).toList();
    }

    @Override
    public HostStatus hostStatus() {
        HostMembership m = membership();
        if (m == null) {
            return new HostStatus(null, false, obstacle(), null, 0, List.of());
        }
        List<HostStatus.VmEntry> vms =
                table().all().stream().map(ShmConnectionManager::entry).toList();
        return new HostStatus(m.host(), true, obstacle(), m.self(), m.epoch(), vms);
    }

    @Override
    public ReasonCode obstacle(InetSocketAddress local, InetSocketAddress remote) {
        return context.permits(local, remote) ? obstacle() : ReasonCode.DENIED_BY_RULE;
    }

    @Override
    public List<Candidate> candidates(InetSocketAddress remote) {
        HostMembership m = membership();
        return m == null
                ? List.of()
                : table().all().stream()
                        .map(vm ->
                                new Candidate(entry(vm), CoResidencyTable.reach(remote, vm.member(), m.selfMember())))
                        .toList();
    }

    static HostStatus.VmEntry entry(Vm vm) {
        return entry(vm.member(), vm.connections().size());
    }

    static HostStatus.VmEntry entry(Member m, int connections) {
        return new HostStatus.VmEntry(
                m.id(), m.uuid().toString(), m.pid(), m.network(), m.addresses(), m.ports(), connections);
    }

    @Override
    public SwitchReport leaveHost(Duration limit) throws IOException {
        joinStarted = true; // a move is under way: nobody joins the old host again by himself
        return thread.call(
                () -> {
                    residence.hotPlug().forget();
                    return relocation.leave(ReasonCode.MIGRATING, limit.toNanos());
                },
                limit.plus(JOIN_LIMIT));
    }

    @Override
    public void joinHost(String host) throws IOException {
        joinStarted = true;
        thread.call(() -> join(host), JOIN_LIMIT);
    }

    @Override
    public void setEnabled(boolean value) {
        enabled = value;
        if (value) {
            joinInBackground();
            execute(() -> {
                rendezvous.considerAll();
                if (membership() != null) {
                    ports.tellPeers(); // the connecting ends consider again
                }
            });
        } else {
            execute(() -> relocation.takeOff(ReasonCode.SWITCHED_OFF, switchLimitNs()));
        }
    }

    long switchLimitNs() {
        return TimeUnit.MILLISECONDS.toNanos(context.switchLimitMs());
    }

    private void joinInBackground() {
        if (joinStarted || !enabled || closed) {
            return;
        }
        joinStarted = true;
        execute(() -> {
            try {
                join(context.hostDirectory());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "connections stay on TCP: {0}", e.getMessage());
                LOG.log(Level.DEBUG, "joining failed", e);
            }
        });
    }

    Void join(String host) throws IOException {
        if (closed) {
            throw new IOException("this VM is closed");
        }
        residence.join(host);
        return null;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.call(
                    () -> relocation.leave(ReasonCode.CLOSED, switchLimitNs()), Duration.ofNanos(2 * switchLimitNs()));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "leaving the host at the end failed", e);
        }
        commands.close();
        thread.close();
    }
}
