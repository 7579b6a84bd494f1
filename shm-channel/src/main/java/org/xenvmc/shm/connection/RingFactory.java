package org.xenvmc.shm.connection;

import java.io.IOException;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.ring.RingPlace;
import org.xenvmc.shm.ring.SpinWait;
import org.xenvmc.shm.ring.SpscRingReceiver;
import org.xenvmc.shm.ring.SpscRingSender;
import org.xenvmc.shm.ring.WakeCost;
import org.xenvmc.transport.WaitStrategy;
import org.xenvmc.transport.spi.AsymmetricFence;

/** Makes ring ends for connections and keeps count of what is in use. Used by the manager's thread. */
final class RingFactory {
    private final ShmConnectionManager manager;
    private final WakeCost wakeCost = new WakeCost();

    RingFactory(ShmConnectionManager manager) {
        this.manager = manager;
    }

    /** Takes a ring for sending to the peer and leaves it to the stream; null when the stream does not want it. */
    Message.RingRef offerSender(Connection c, Vm peer, int peerSlot) throws ProviderException {
        HostMembership m = manager.membership();
        RingPool.Slot slot = peer.pool().take();
        Mapping mapping = slot.segment().grant().mapping();
        m.ringConnections(1);
        SpscRingSender ring = new SpscRingSender(new RingPlace(
                mapping,
                slot.offset(),
                slot.segment().capacity(),
                spinWait(),
                m.fence(),
                waker(c, peer, peerSlot),
                () -> senderReleased(m, peer, slot)));
        if (c.stream().offerSender(ring)) {
            return slot.ref();
        }
        ring.release();
        forget(peer, slot);
        return null;
    }

    /** Signals the peer's end; where memory alone would be noticed late, with a frame, too. */
    private static Runnable waker(Connection c, Vm peer, int peerSlot) {
        return () -> {
            peer.member().signal(peerSlot);
            if (peer.member().asleep()) { // after the signal: whoever begins to look now finds it
                c.stream().wakePeer();
            }
        };
    }

    /** The peer never heard of the ring: it counts as released by it. */
    private void forget(Vm peer, RingPool.Slot slot) {
        Mapping mapping = slot.segment().grant().mapping();
        RingPlace place = new RingPlace(
                mapping,
                slot.offset(),
                slot.segment().capacity(),
                spinWait(),
                AsymmetricFence.SYMMETRIC,
                () -> {},
                () -> {});
        new SpscRingReceiver(place).release();
    }

    private void senderReleased(HostMembership m, Vm peer, RingPool.Slot slot) {
        m.ringConnections(-1);
        for (int grant : peer.pool().release(slot)) {
            manager.execute(() -> {
                if (manager.membership() == m) {
                    peer.member()
                            .send(
                                    Message.REVOKED,
                                    manager.message().small(grant).done());
                }
            });
        }
    }

    /** Maps the peer's ring and attaches the stream to it; false when the stream does not want it (it is released then). */
    boolean attachReceiver(Connection c, Vm peer, int peerSlot, Message.RingRef ref) throws IOException {
        HostMembership m = manager.membership();
        Mapping mapping = peer.mappings().use(ref);
        m.ringConnections(1);
        SpscRingReceiver ring = new SpscRingReceiver(new RingPlace(
                mapping, ref.offset(), ref.capacity(), spinWait(), m.fence(), waker(c, peer, peerSlot), () -> {
                    m.ringConnections(-1);
                    peer.mappings().unuse(ref.grant());
                }));
        if (c.stream().attachReceiver(ring)) {
            return true;
        }
        ring.release();
        return false;
    }

    /** Tells the owner of a ring that nobody will read from it. */
    void decline(Vm owner, Message.RingRef ref) {
        try {
            Mapping mapping = owner.mappings().use(ref);
            new SpscRingReceiver(new RingPlace(
                            mapping,
                            ref.offset(),
                            ref.capacity(),
                            spinWait(),
                            AsymmetricFence.SYMMETRIC,
                            () -> {},
                            () -> owner.mappings().unuse(ref.grant())))
                    .release();
        } catch (ProviderException e) {
            return; // what cannot be mapped needs no word: its owner is gone or broken
        }
    }

    private SpinWait spinWait() {
        int own = Runtime.getRuntime().availableProcessors();
        WaitStrategy strategy = manager.context().waitStrategy();
        long spinNs = manager.context().spinNs();
        return manager.membership().peersHaveProcessors()
                ? SpinWait.betweenMachines(strategy, spinNs, own, wakeCost)
                : new SpinWait(strategy, spinNs, own);
    }
}
