package org.xenvmc.shm.connection;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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
import org.xenvmc.shm.provider.ProviderException;
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
    private static final long GONE_LIMIT_MS = 1_000;
    private static final long UNKNOWN_SENDER_RETRY_MS = 2;
    private static final int UNKNOWN_SENDER_ATTEMPTS = 500;

    private final VmcContext context;
    private final HostProvider provider;
    private final UUID uuid = UUID.randomUUID();
    private final ManagerThread thread = new ManagerThread("xenvmc-manager");
    private final ManagerPoller poller = new ManagerPoller();
    private final SlotTable slots;
    private final Map<Connection.Tuple, Connection> connections = new ConcurrentHashMap<>();
    private final ListeningPorts ports = new ListeningPorts(this);
    private final CoResidencyTable table = new CoResidencyTable();
    private final Rendezvous rendezvous;
    private final Relocation relocation;
    private final Commands commands;

    private volatile HostMembership membership;
    private volatile ReasonCode notJoined = ReasonCode.NOT_JOINED;
    private volatile boolean enabled;
    private volatile boolean joinStarted;
    private volatile boolean closed;
    private boolean messageDropped; // the manager's thread
    private final HotPlug hotPlug = new HotPlug(this);
    private Listener listener;

    ShmConnectionManager(VmcContext context, TransportEngine engine, HostProvider provider) {
        this.context = context;
        this.provider = provider;
        this.enabled = context.enabled();
        this.slots = new SlotTable(context.maxConnections());
        this.rendezvous = new Rendezvous(this);
        this.relocation = new Relocation(this);
        this.commands = new Commands(this, engine);
    }

    // ---- for the helpers of this package

    VmcContext context() {
        return context;
    }

    UUID uuid() {
        return uuid;
    }

    CoResidencyTable table() {
        return table;
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
        return membership;
    }

    boolean enabled() {
        return enabled;
    }

    /** Why nothing can be on shared memory at present; NONE when it can. */
    ReasonCode obstacle() {
        return !enabled ? ReasonCode.SWITCHED_OFF : membership == null ? notJoined : ReasonCode.NONE;
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
        if (c.slot() >= 0 || c.peerVm() != null) {
            execute(() -> {
                slots.remove(c);
                c.peerVm(null);
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
        return new Message.Writer(membership.self().domId());
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
        HostMembership m = membership;
        if (m == null) {
            return new HostStatus(null, false, obstacle(), null, 0, List.of());
        }
        List<HostStatus.VmEntry> vms =
                table.all().stream().map(ShmConnectionManager::entry).toList();
        return new HostStatus(m.host(), true, obstacle(), m.self(), m.epoch(), vms);
    }

    @Override
    public ReasonCode obstacle(InetSocketAddress local, InetSocketAddress remote) {
        return context.permits(local, remote) ? obstacle() : ReasonCode.DENIED_BY_RULE;
    }

    @Override
    public List<Candidate> candidates(InetSocketAddress remote) {
        HostMembership m = membership;
        return m == null
                ? List.of()
                : table.all().stream()
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
                    hotPlug.forget();
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
                if (membership != null) {
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

    // ---- membership

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
        if (membership != null) {
            throw new IOException("this VM is on " + membership.host() + "; it must leave before it joins " + host);
        }
        hotPlug.forget();
        try {
            Listener ours = new Listener();
            HostMembership joined = provider.join(context, new HostProvider.Joining(uuid, host, false), ours);
            membership = joined;
            listener = ours;
            hotPlug.joined(joined);
            poller.host(joined);
            table.put(new Vm(context, joined.grants(), joined.selfMember(), this::schedule));
            LOG.log(Level.DEBUG, "joined {0} as VM {1}", host, joined.self());
        } catch (ProviderException e) {
            notJoined = e.reason();
            hotPlug.notJoined(host, e.reason());
            connections.values().forEach(c -> c.stream().reason(e.reason()));
            throw e;
        }
        for (Member m : membership.members()) {
            addMember(m);
        }
        ports.publishAll();
        rendezvous.considerAll();
        return null;
    }

    /** The memory is gone, and with it what was in it. */
    private void hostLost(ReasonCode why) {
        String host = membership.host();
        relocation.lost(why);
        endMembership();
        notJoined = why;
        hotPlug.await(host);
    }

    private void addMember(Member m) {
        if (membership != null && !m.tool() && m.alive() && table.get(m.id().domId()) == null) {
            Vm vm = new Vm(context, membership.grants(), m, this::schedule);
            table.put(vm);
            // it may have looked at this VM's ports before they were published, and not have been there for the news
            ports.tell(vm);
        }
    }

    /** Ends the membership; the rings are given back already. */
    void endMembership() {
        HostMembership m = membership;
        if (m != null) {
            poller.host(null);
            membership = null;
            notJoined = ReasonCode.MIGRATING;
            table.all().forEach(Vm::close);
            table.clear();
            m.leave();
        }
    }

    /** What the provider tells: left for the manager's thread. Events of a host that was left since are dropped. */
    private final class Listener implements HostListener {
        @Override
        public void joined(Member member) {
            execute(() -> {
                addMember(member);
                rendezvous.considerAll();
            });
        }

        @Override
        public void left(Member member, boolean died) {
            execute(() -> memberLeft(member, died));
        }

        @Override
        public void message(int type, ByteBuffer payload) {
            ByteBuffer copy =
                    ByteBuffer.allocate(payload.remaining()).put(payload).flip();
            execute(() -> dispatch(type, copy, 0));
        }

        @Override
        public void lost(ReasonCode why) {
            execute(() -> {
                if (this == listener && membership != null) {
                    hostLost(why);
                }
            });
        }

        @Override
        public void signalled(int slot) {
            Connection c = slots.get(slot);
            if (c != null) {
                c.stream().signalled();
            }
        }
    }

    private void memberLeft(Member member, boolean died) {
        Vm vm = table.get(member.id().domId());
        if (vm == null || vm.member() != member && !vm.member().uuid().equals(member.uuid())) {
            return;
        }
        table.remove(member.id().domId());
        LOG.log(Level.DEBUG, "VM {0} {1}", member.id(), died ? "died" : "left");
        for (Connection c : vm.connections()) {
            c.attempt++;
            checkGone(c);
            c.peerVm(null);
            if (c.phase != Connection.Phase.OFFERED) { // an offer is for somebody else: perhaps the same VM, come back
                c.phase = Connection.Phase.IDLE;
                c.stream().reason(died ? ReasonCode.PEER_GONE : ReasonCode.PEER_LEFT);
                c.reconsider();
            }
        }
        for (Connection c : connections.values()) {
            rendezvous.willNotAnswer(c, vm);
        }
        vm.close();
    }

    /** The process may have died: TCP says so within the limit. If it does not, the rest of the ring is lost. */
    private void checkGone(Connection c) {
        int attempt = c.attempt;
        if (c.stream().peerGone()) {
            schedule(
                    () -> {
                        if (!c.isClosed() && c.attempt == attempt && c.stream().peerGone()) {
                            c.stream()
                                    .fail(ReasonCode.PEER_GONE, "the peer's VM left the host without ending its ring");
                        }
                    },
                    GONE_LIMIT_MS);
        }
    }

    private void dispatch(int type, ByteBuffer payload, int attempt) {
        if (membership == null) {
            return;
        }
        try {
            Message.Reader r = new Message.Reader(payload.duplicate());
            int from = r.small();
            Member m = membership.member(from);
            if (m == null) {
                if (attempt < UNKNOWN_SENDER_ATTEMPTS) {
                    // its message was faster than the news of its joining
                    schedule(() -> dispatch(type, payload, attempt + 1), UNKNOWN_SENDER_RETRY_MS);
                }
            } else if (type == Message.COMMAND) {
                commands.received(m, r);
            } else {
                addMember(m);
                Vm vm = table.get(from);
                if (vm != null) {
                    rendezvous.received(type, vm, r);
                }
            }
        } catch (RuntimeException e) {
            dropped(type, e);
        }
    }

    /** A hostile peer can send many of these: only the first is worth a warning. */
    private void dropped(int type, RuntimeException e) {
        Level level = messageDropped ? Level.DEBUG : Level.WARNING;
        messageDropped = true;
        LOG.log(level, "a control message of type {0} is not readable and is dropped: {1}", type, e);
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
