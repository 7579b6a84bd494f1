package org.xenvmc.shm.ivshmem;

import static org.xenvmc.shm.ivshmem.RegionDescriptor.PAGE;
import static org.xenvmc.shm.ivshmem.RegionDescriptor.RINGS_OFFSET;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;

/**
 * Grants as rows of pages of the owner's place. A grant's number: its first page in 16 bits, and a count above, so that a number is
 * not used again soon.
 */
final class IvshmemGrantTable implements GrantTable {
    private static final int COUNT_MASK = 0x7fff;
    private static final int RINGS_TO_FIT = 16;

    private final Place own;
    private final int self;
    private final IntFunction<IvshmemMember> members;
    private final PageMap pages;
    private final long quarantineNs;
    private final AtomicInteger count = new AtomicInteger();

    IvshmemGrantTable(Place own, int self, IntFunction<IvshmemMember> members, long budgetBytes, long quarantineNs) {
        this.own = own;
        this.self = self;
        this.members = members;
        int all = Math.min(own.region.ringBytes() / PAGE, RegionDescriptor.MAX_RING_PAGES);
        this.pages = new PageMap((int) Math.min(all, budgetBytes / PAGE));
        this.quarantineNs = quarantineNs;
    }

    private final class PageGrant implements Grant {
        private final GrantRef ref;
        private final Member peer;
        private final int first;
        private final int rows;
        private final IvshmemMapping mapping;
        private final AtomicBoolean revoked = new AtomicBoolean();

        PageGrant(GrantRef ref, Member peer, int first, int rows) {
            this.ref = ref;
            this.peer = peer;
            this.first = first;
            this.rows = rows;
            this.mapping = new IvshmemMapping(own.region, offset(own, first), ref.bytes());
        }

        @Override
        public GrantRef ref() {
            return ref;
        }

        @Override
        public Mapping mapping() {
            return mapping;
        }

        @Override
        public void revoke() {
            if (revoked.compareAndSet(false, true)) {
                mapping.unmap();
                if (peer.alive()) {
                    pages.free(first, rows); // its receivers have let go: else nobody revokes while the peer lives
                } else {
                    pages.freeLater(first, rows, quarantineNs);
                }
            }
        }
    }

    private static int offset(Place place, int page) {
        return place.region.place(place.number) + RINGS_OFFSET + page * PAGE;
    }

    @Override
    public Grant grant(Member peer, int bytes) throws ProviderException {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a grant of " + bytes + " bytes");
        }
        if (!peer.alive() || members.apply(peer.id().domId()) != peer) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, peer + " is no member of this host", null);
        }
        int rows = (bytes + PAGE - 1) / PAGE;
        int first = pages.take(rows);
        if (first < 0) {
            throw new ProviderException(
                    ReasonCode.BUDGET_EXHAUSTED,
                    "this VM's part of the region has " + pages.free() * (long) PAGE + " bytes left, not " + bytes
                            + " in a row",
                    null);
        }
        int number = (count.incrementAndGet() & COUNT_MASK) << 16 | first;
        PageGrant grant = new PageGrant(new GrantRef(self, number, bytes), peer, first, rows);
        zero(grant);
        return grant;
    }

    private static void zero(PageGrant grant) {
        for (int i = 0; i + Long.BYTES <= grant.ref.bytes(); i += Long.BYTES) {
            grant.mapping.buffer().putLong(i, 0L);
        }
    }

    @Override
    public Mapping map(GrantRef ref) throws ProviderException {
        IvshmemMember owner = members.apply(ref.ownerDomId());
        int page = ref.number() & 0xffff;
        boolean inside = ref.bytes() > 0 && (long) page * PAGE + ref.bytes() <= own.region.ringBytes();
        if (owner == null || !owner.alive() || !inside || ref.number() < 0) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, ref + " is of no member of this host", null);
        }
        return new IvshmemMapping(own.region, offset(owner.place(), page), ref.bytes());
    }

    @Override
    public long availableBytes() {
        return (long) pages.longestRow() * PAGE;
    }

    @Override
    public int ringsToFit() {
        return RINGS_TO_FIT;
    }
}
