package org.xenvmc.shm.connection;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.GrantTable.Grant;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/**
 * Rings for sending to one peer, cut out of grants to that peer and used again for its later connections, never for another
 * peer's (XSA-396). Thread-safe.
 */
final class RingPool {
    private static final int SEGMENT_BYTES = 16 << 20;
    private static final int FIRST_SLOTS = 1;
    private static final int SPARE_SLOTS = 64;
    /** A ring that was taken from the pool. */
    record Slot(RingSegment segment, int number) {
        Message.RingRef ref() {
            Grant g = segment.grant();
            return new Message.RingRef(g.ref().number(), g.ref().bytes(), segment.offset(number), segment.capacity());
        }

        int offset() {
            return segment.offset(number);
        }
    }

    private final VmcContext context;
    private final GrantTable grants;
    private final Member peer;
    private final List<RingSegment> segments = new ArrayList<>();
    private boolean closed;

    RingPool(VmcContext context, GrantTable grants, Member peer) {
        this.context = context;
        this.grants = grants;
        this.peer = peer;
    }

    /** Takes an empty ring. */
    synchronized Slot take() throws ProviderException {
        if (closed) {
            throw new ProviderException(
                    ReasonCode.PEER_GONE, "VM " + peer.id() + " is not on this host any more", null);
        }
        int wanted = capacity();
        for (RingSegment s : segments) {
            if (s.capacity() >= wanted) {
                int slot = s.take();
                if (slot >= 0) {
                    return new Slot(s, slot);
                }
            }
        }
        RingSegment fresh = grow(wanted);
        return new Slot(fresh, fresh.take());
    }

    private RingSegment grow(int capacity) throws ProviderException {
        int stride = RingSegment.stride(capacity);
        int have = segments.stream().mapToInt(RingSegment::slots).sum();
        int slots = Math.max(1, Math.min(Math.max(FIRST_SLOTS, have), SEGMENT_BYTES / stride));
        slots = (int) Math.max(1, Math.min(slots, grants.availableBytes() / stride));
        RingSegment fresh = new RingSegment(grants.grant(peer, slots * stride), capacity, slots);
        segments.add(fresh);
        return fresh;
    }

    /** The ring size that the budget affords at present: {@link GrantTable#ringsToFit} of them. */
    private int capacity() {
        long affordable = Long.highestOneBit(Math.max(1, grants.availableBytes() / grants.ringsToFit()));
        return (int) Math.max(context.ringMinBytes(), Math.min(context.ringMaxBytes(), affordable));
    }

    /**
     * Gives a ring back that this VM no longer uses.
     *
     * @return numbers of grants that were revoked because nothing of them is in use; the peer should unmap them
     */
    synchronized List<Integer> release(Slot slot) {
        slot.segment().release(slot.number());
        if (closed) {
            revokeQuiet();
            return List.of();
        }
        return trim();
    }

    private List<Integer> trim() {
        List<Integer> revoked = new ArrayList<>();
        segments.forEach(RingSegment::reclaim);
        int free = segments.stream().mapToInt(RingSegment::free).sum();
        for (Iterator<RingSegment> i = segments.iterator(); i.hasNext() && free > SPARE_SLOTS; ) {
            RingSegment s = i.next();
            if (s.empty() && free - s.slots() >= FIRST_SLOTS) {
                free -= s.slots();
                revoked.add(s.grant().ref().number());
                s.grant().revoke();
                i.remove();
            }
        }
        return revoked;
    }

    /** The peer is gone, or this VM leaves: revokes each grant as soon as this VM's own ends are released. */
    synchronized void close() {
        closed = true;
        revokeQuiet();
    }

    private void revokeQuiet() {
        for (Iterator<RingSegment> i = segments.iterator(); i.hasNext(); ) {
            RingSegment s = i.next();
            if (s.quiet()) {
                s.grant().revoke();
                i.remove();
            }
        }
    }
}
