package org.xenvmc.shm.connection;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;

/**
 * Where this VM is: its membership of a host, who else is there (paper: VMs[]), and what comes from them. Changed by
 * the manager's thread; the provider's threads only leave work for it.
 */
final class Residence {
    private static final Logger LOG = System.getLogger(Residence.class.getName());
    private static final long GONE_LIMIT_MS = 1_000;
    private static final long UNKNOWN_SENDER_RETRY_MS = 2;
    private static final int UNKNOWN_SENDER_ATTEMPTS = 500;
    /** How long an ending JVM waits for its peers. */
    private static final Duration ENDING_LIMIT = Duration.ofSeconds(1);

    private final ShmConnectionManager manager;
    private final HostProvider provider;
    private final HotPlug hotPlug;
    private final CoResidencyTable table = new CoResidencyTable();
    private volatile HostMembership membership;
    private volatile ReasonCode notJoined = ReasonCode.NOT_JOINED;
    private boolean messageDropped;
    private Listener listener;

    Residence(ShmConnectionManager manager, HostProvider provider) {
        this.manager = manager;
        this.provider = provider;
        this.hotPlug = new HotPlug(manager);
    }

    /** The membership, or null. Any thread. */
    HostMembership membership() {
        return membership;
    }

    CoResidencyTable table() {
        return table;
    }

    HotPlug hotPlug() {
        return hotPlug;
    }

    /** Why this VM is on no host; NONE when it is on one. Any thread. */
    ReasonCode obstacle() {
        return membership == null ? notJoined : ReasonCode.NONE;
    }

    /** Joins a host, and considers all connections. */
    void join(String host) throws ProviderException, IOException {
        if (membership != null) {
            throw new IOException("this VM is on " + membership.host() + "; it must leave before it joins " + host);
        }
        hotPlug.forget();
        try {
            Listener ours = new Listener();
            HostMembership joined =
                    provider.join(manager.context(), new HostProvider.Joining(manager.uuid(), host, false), ours);
            membership = joined;
            listener = ours;
            hotPlug.joined(joined);
            manager.poller().host(joined);
            table.put(new Vm(manager.context(), joined.grants(), joined.selfMember(), manager::schedule));
            LOG.log(Level.DEBUG, "joined {0} as VM {1}", host, joined.self());
        } catch (ProviderException e) {
            notJoined = e.reason();
            hotPlug.notJoined(host, e.reason());
            manager.all().forEach(c -> c.stream().reason(e.reason()));
            throw e;
        }
        for (Member m : membership.members()) {
            addMember(m);
        }
        manager.ports().publishAll();
        manager.rendezvous().considerAll();
    }

    /** The memory is gone, and with it what was in it. */
    private void lost(ReasonCode why) {
        String host = membership.host();
        manager.relocation().lost(why);
        end();
        notJoined = why;
        hotPlug.await(host);
    }

    private void addMember(Member m) {
        if (membership != null && !m.tool() && m.alive() && table.get(m.id().domId()) == null) {
            Vm vm = new Vm(manager.context(), membership.grants(), m, manager::schedule);
            table.put(vm);
            // it may have looked at this VM's ports before they were published, and not have been there for the news
            manager.ports().tell(vm);
        }
    }

    /** Ends the membership; the rings are given back already. */
    void end() {
        HostMembership m = membership;
        if (m != null) {
            manager.poller().host(null);
            membership = null;
            notJoined = ReasonCode.MIGRATING;
            manager.rendezvous().refused().clear();
            table.all().forEach(Vm::close);
            table.clear();
            m.leave();
        }
    }

    /** What the provider tells: left for the manager's thread. Events of a host that was left since are dropped. */
    private final class Listener implements HostListener {
        @Override
        public void joined(Member member) {
            manager.execute(() -> {
                addMember(member);
                manager.rendezvous().considerAll();
            });
        }

        @Override
        public void left(Member member, boolean died) {
            manager.execute(() -> memberLeft(member, died));
        }

        @Override
        public void message(int type, ByteBuffer payload) {
            ByteBuffer copy =
                    ByteBuffer.allocate(payload.remaining()).put(payload).flip();
            manager.execute(() -> dispatch(type, copy, 0));
        }

        @Override
        public void lost(ReasonCode why) {
            manager.execute(() -> {
                if (this == listener && membership != null) {
                    Residence.this.lost(why);
                }
            });
        }

        @Override
        public boolean ending() {
            return manager.ending(ENDING_LIMIT);
        }

        @Override
        public void signalled(int slot) {
            Connection c = manager.slots().get(slot);
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
        for (Connection c : manager.all()) {
            manager.rendezvous().willNotAnswer(c, vm);
        }
        manager.rendezvous().refused().left(vm);
        vm.close();
        manager.rendezvous().refused().givenBack(); // what was lent to it
    }

    /** The process may have died: TCP says so within the limit. If it does not, the rest of the ring is lost. */
    private void checkGone(Connection c) {
        int attempt = c.attempt;
        if (c.stream().peerGone()) {
            manager.schedule(
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
                    manager.schedule(() -> dispatch(type, payload, attempt + 1), UNKNOWN_SENDER_RETRY_MS);
                }
            } else if (type == Message.COMMAND) {
                manager.commands().received(m, r);
            } else {
                addMember(m);
                Vm vm = table.get(from);
                if (vm != null) {
                    manager.rendezvous().received(type, vm, r);
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
}
