package org.xenvmc.shm.connection;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.connection.Connection.Phase;
import org.xenvmc.shm.connection.Connection.Tuple;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;

/**
 * How two ends agree on rings (paper: setting up a connection). The end that connected offers; the end that has the mirrored pair
 * of addresses accepts with a ring for its own sending; the first answers with its ring. Each receiver attaches before
 * the sender may switch.
 *
 * <pre>
 *   connector                         acceptor
 *      | OFFER (addresses)               |
 *      |-------------------------------->|  finds the connection, or keeps the offer until it is accepted
 *      |               ACCEPT (its ring) |
 *      |<--------------------------------|
 *   attaches, ready                      |
 *      | ACTIVATE (its ring)             |
 *      |-------------------------------->|  attaches, ready
 * </pre>
 *
 * <p>Everything here runs on the manager's thread, if not said otherwise.
 */
final class Rendezvous {
    private static final Logger LOG = System.getLogger(Rendezvous.class.getName());
    private static final long FIRST_RETRY_MS = 50;
    private static final int MOST_RETRIES = 8;

    private final ShmConnectionManager manager;
    private final RingFactory rings;
    private final KeptOffers kept;
    private final SecureRandom random = new SecureRandom();
    private final RefusedOffers refused;

    Rendezvous(ShmConnectionManager manager) {
        this.manager = manager;
        this.rings = new RingFactory(manager);
        this.refused = new RefusedOffers(manager);
        this.kept = new KeptOffers(manager, this);
    }

    RefusedOffers refused() {
        return refused;
    }

    // ---- the connector

    void considerAll() {
        for (Connection c : manager.all()) {
            if (c.considered()) {
                considerAnew(c);
            }
        }
    }

    /** Something has changed: what was in the way before may be gone. */
    private void considerAnew(Connection c) {
        c.retries = 0;
        consider(c);
    }

    /** Offers rings for the connection, if this end connected and somebody may be the peer. */
    void consider(Connection c) {
        if (c.isClosed() || c.phase != Phase.IDLE) {
            return;
        }
        ReasonCode obstacle = obstacle(c);
        c.stream().reason(obstacle == ReasonCode.NONE ? ReasonCode.NEGOTIATING : obstacle);
        if (obstacle == ReasonCode.NEGOTIATING) {
            retry(c);
        }
        if (obstacle != ReasonCode.NONE) {
            return;
        }
        if (!c.stream().initiator()) {
            refused.ask(c);
            return;
        }
        InetSocketAddress remote = c.tuple().remote();
        List<Vm> candidates = manager.table()
                .candidates(remote, c.peerUuid, manager.membership().selfMember());
        if (candidates.isEmpty()) {
            c.stream().reason(ReasonCode.NOT_CO_RESIDENT);
        } else if (!manager.slots().add(c)) {
            c.stream().reason(ReasonCode.TABLE_FULL);
        } else {
            offer(c, candidates);
        }
    }

    private ReasonCode obstacle(Connection c) {
        ReasonCode obstacle = manager.obstacle(c.tuple().local(), c.tuple().remote());
        return obstacle != ReasonCode.NONE ? obstacle : c.stream().upgradeObstacle();
    }

    private void offer(Connection c, List<Vm> candidates) {
        long offer = random.nextLong();
        c.offer = offer;
        c.phase = Phase.OFFERED;
        c.asked.clear();
        c.asked.addAll(candidates);
        c.worstRefusal = ReasonCode.NO_MIRRORED_CONNECTION;
        for (Vm vm : candidates) {
            vm.send(
                    Message.OFFER,
                    manager.message()
                            .ref(c.ref())
                            .number(offer)
                            .address(c.tuple().local())
                            .address(c.tuple().remote())
                            .done());
        }
        manager.schedule(() -> offerExpired(c, offer), 2 * manager.context().offerLimitMs());
    }

    /** A VM that was asked is gone: if it was the last, the connection may be offered anew, perhaps to the same VM, come back. */
    void willNotAnswer(Connection c, Vm vm) {
        if (c.phase == Phase.OFFERED && c.asked.remove(vm) && c.asked.isEmpty()) {
            c.phase = Phase.IDLE;
            c.reconsider();
        }
    }

    private void offerExpired(Connection c, long offer) {
        if (c.phase == Phase.OFFERED && c.offer == offer) {
            giveUp(c, ReasonCode.PEER_SILENT);
        }
    }

    private void giveUp(Connection c, ReasonCode why) {
        c.phase = Phase.IDLE;
        c.peerVm(null);
        c.stream().reason(why);
        if (why != ReasonCode.PEER_DENIED) {
            retry(c);
        }
    }

    /** Most obstacles pass: looks again a few times, ever later. */
    private void retry(Connection c) {
        if (c.stream().initiator() && c.retries < MOST_RETRIES) {
            manager.schedule(() -> consider(c), FIRST_RETRY_MS << c.retries++);
        }
    }

    // ---- messages

    void received(int type, Vm from, Message.Reader r) {
        switch (type) {
            case Message.OFFER -> offered(from, r.ref(), r.number(), r.address(), r.address());
            case Message.ACCEPT -> accepted(from, r.ref(), r.ref(), r.number(), r.ring());
            case Message.ACTIVATE -> activated(from, r.ref(), r.number(), r.ring());
            case Message.REFUSE -> refused(from, r.ref(), r.number(), r.reason());
            case Message.LEAVE -> left(from, r.ref(), r.reason());
            case Message.PORT -> portOpened(r.small());
            case Message.AGAIN -> offerAgain(r.ref());
            case Message.REVOKED -> from.mappings().revoked(r.small());
            default -> LOG.log(Level.DEBUG, "message type {0} is not known", type);
        }
    }

    private void portOpened(int port) {
        for (Connection c : manager.all()) {
            if (c.considered() && c.tuple().remote().getPort() == port) {
                considerAnew(c);
            }
        }
    }

    private void offerAgain(Message.Ref to) {
        Connection c = manager.slots().get(to);
        if (c != null && c.considered()) {
            considerAnew(c);
        }
    }

    // ---- the acceptor

    /** A connection was accepted. Called by the accepting thread. */
    void arrived(Connection c) {
        kept.arrived(c);
    }

    private void offered(
            Vm from, Message.Ref connection, long offer, InetSocketAddress theirLocal, InetSocketAddress theirRemote) {
        Tuple mirrored = new Tuple(theirRemote, theirLocal);
        long deadlineNs = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(manager.context().offerLimitMs());
        Offer offered = new Offer(from, connection, offer, mirrored, deadlineNs);
        if (!CoResidencyTable.reaches(
                theirLocal.getAddress(), from.member(), manager.membership().selfMember())) {
            refuse(offered, ReasonCode.NO_MIRRORED_CONNECTION);
            return;
        }
        answer(offered);
    }

    void answer(Offer o) {
        Connection c = manager.find(o.mirrored());
        if (c != null && !c.isClosed() && !c.stream().initiator()) {
            answer(o, c);
        } else {
            kept.keep(o, false);
        }
    }

    private void answer(Offer o, Connection c) {
        ReasonCode obstacle = obstacle(c);
        if (isFinal(obstacle)) {
            c.stream().reason(obstacle);
            refuse(o, obstacle.atTheOtherEnd());
        } else if (obstacle != ReasonCode.NONE || c.phase == Phase.ACTIVE) {
            kept.keep(o, true); // the rings of before are not given back yet
        } else if (!manager.slots().add(c)) {
            c.stream().reason(ReasonCode.TABLE_FULL);
            refuseForNow(o, c, ReasonCode.TABLE_FULL.atTheOtherEnd());
        } else {
            accept(o, c);
        }
    }

    private static boolean isFinal(ReasonCode obstacle) {
        return switch (obstacle) {
            case DENIED_BY_RULE, SWITCHED_OFF, HALF_CLOSED, CLOSED -> true;
            default -> false;
        };
    }

    private void accept(Offer o, Connection c) {
        if (c.phase == Phase.ACCEPTED) {
            c.stream().leaveSender(ReasonCode.NEGOTIATING, 0); // the offerer has begun anew
        }
        Message.RingRef ring;
        try {
            ring = rings.offerSender(c, o.from(), o.connection().slot());
        } catch (ProviderException e) {
            LOG.log(Level.DEBUG, "no ring for a connection", e);
            c.stream().reason(e.reason());
            refuseForNow(o, c, ReasonCode.PEER_WITHOUT_MEMORY);
            return;
        }
        if (ring == null) {
            refuse(o, ReasonCode.HALF_CLOSED);
            return;
        }
        refused.accepted(c);
        c.phase = Phase.ACCEPTED;
        c.attempt++;
        c.peerRef = o.connection();
        c.offer = o.offer();
        c.peerVm(o.from());
        o.from()
                .send(
                        Message.ACCEPT,
                        manager.message()
                                .ref(c.ref())
                                .ref(o.connection())
                                .number(o.offer())
                                .ring(ring)
                                .done());
    }

    void refuseForNow(Offer o, Connection c, ReasonCode why) {
        refuse(o, why);
        refused.add(c, o.from(), o.connection());
    }

    void refuse(Offer o, ReasonCode why) {
        if (present(o)) {
            o.from()
                    .send(
                            Message.REFUSE,
                            manager.message()
                                    .ref(o.connection())
                                    .number(o.offer())
                                    .small(why.code())
                                    .done());
        }
    }

    /** Whether the offer is of the host that this VM is on now. */
    boolean present(Offer o) {
        return manager.table().get(o.from().member().id().domId()) == o.from();
    }

    // ---- answers

    private void accepted(Vm from, Message.Ref theirs, Message.Ref to, long offer, Message.RingRef ring) {
        Connection c = manager.slots().get(to);
        if (c == null || c.phase != Phase.OFFERED || c.offer != offer || c.isClosed() || !c.asked.contains(from)) {
            rings.decline(from, ring);
            from.send( // or it would wait for the second ring for ever
                    Message.LEAVE,
                    manager.message()
                            .ref(theirs)
                            .small(ReasonCode.PEER_LEFT.code())
                            .done());
            return;
        }
        c.peerRef = theirs;
        c.peerVm(from);
        c.phase = Phase.ACCEPTED; // from here on the peer must hear of a failure
        c.attempt++;
        try {
            Message.RingRef own = rings.offerSender(c, from, theirs.slot());
            if (own == null) {
                rings.decline(from, ring);
            }
            if (own == null || !rings.attachReceiver(c, from, theirs.slot(), ring)) {
                abandon(c, ReasonCode.HALF_CLOSED);
                return;
            }
            c.phase = Phase.ACTIVE;
            c.retries = 0;
            from.send(
                    Message.ACTIVATE,
                    manager.message().ref(theirs).number(offer).ring(own).done());
        } catch (IOException e) {
            rings.decline(from, ring);
            abandon(c, reasonOf(e));
        }
    }

    private void activated(Vm from, Message.Ref to, long offer, Message.RingRef ring) {
        Connection c = manager.slots().get(to);
        if (c == null || c.phase != Phase.ACCEPTED || c.offer != offer || c.isClosed() || c.peerVm() != from) {
            rings.decline(from, ring);
            return;
        }
        try {
            c.phase = Phase.ACTIVE;
            if (!rings.attachReceiver(c, from, c.peerRef.slot(), ring)) {
                abandon(c, ReasonCode.HALF_CLOSED);
            }
        } catch (IOException e) {
            abandon(c, reasonOf(e));
        }
    }

    private static ReasonCode reasonOf(IOException e) {
        LOG.log(Level.DEBUG, "rings of a connection could not be set up", e);
        return e instanceof ProviderException p ? p.reason() : ReasonCode.GRANT_FAILED;
    }

    private void refused(Vm from, Message.Ref to, long offer, ReasonCode why) {
        Connection c = manager.slots().get(to);
        if (c == null || c.phase != Phase.OFFERED || c.offer != offer || !c.asked.remove(from)) {
            return;
        }
        if (why != ReasonCode.NO_MIRRORED_CONNECTION) {
            c.worstRefusal = why;
        }
        if (c.asked.isEmpty()) {
            giveUp(c, c.worstRefusal);
        }
    }

    // ---- leaving

    /** This end cannot go on with the rings: ends its own and asks the peer to end his. */
    private void abandon(Connection c, ReasonCode why) {
        c.stream().reason(why);
        manager.startLeaving(c, why, true);
    }

    private void left(Vm from, Message.Ref to, ReasonCode why) {
        Connection c = manager.slots().get(to);
        if (c != null && c.peerVm() == from) {
            manager.startLeaving(c, why == ReasonCode.CLOSED ? ReasonCode.PEER_LEFT : why, false);
        }
    }
}
