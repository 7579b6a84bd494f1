package org.xenvmc.shm.ivshmem;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.provider.HostListener;

/** The other members, kept equal to what is in the region by looking at all places. Changed by one thread; read by any. */
final class IvshmemMembers {
    private static final Logger LOG = System.getLogger(IvshmemMembers.class.getName());

    private final Region region;
    private final int ownPlace;
    private final HostListener listener;
    private final LeaseWatch leases;
    private final Haste haste;
    private final Place[] places;
    private final IvshmemMember[] known;
    private final long[] ignored;
    private final Map<Integer, IvshmemMember> byDomId = new ConcurrentHashMap<>();

    IvshmemMembers(Region region, int ownPlace, HostListener listener, LeaseWatch leases, Haste haste) {
        this.region = region;
        this.ownPlace = ownPlace;
        this.listener = listener;
        this.leases = leases;
        this.haste = haste;
        this.places = new Place[region.places()];
        this.known = new IvshmemMember[places.length];
        this.ignored = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place(region, i);
        }
    }

    IvshmemMember get(int domId) {
        return byDomId.get(domId);
    }

    Collection<IvshmemMember> all() {
        return byDomId.values();
    }

    /** Compares what is known with what is there: tells the listener who joined, left or died. */
    void compare(long nowNs) {
        leases.begin(nowNs);
        for (int i = 0; i < places.length; i++) {
            if (i != ownPlace) {
                compare(i, nowNs);
            }
        }
    }

    private void compare(int i, long nowNs) {
        long owner = places[i].owner();
        IvshmemMember member = known[i];
        if (owner != 0 && leases.expired(places[i], owner, nowNs)) {
            LOG.log(Level.DEBUG, "the lease of place {0} has run out", i);
            places[i].reap(owner);
            owner = 0;
            if (member != null) {
                leave(i, member, true);
            }
            return;
        }
        if (member != null && (owner != member.owner() || member.place().saidGoodBye())) {
            leave(i, member, !member.place().saidGoodBye() && owner == 0);
            member = null;
        }
        if (member == null && owner != 0 && owner != ignored[i] && places[i].hasEntry() && !places[i].saidGoodBye()) {
            join(i, owner);
        }
    }

    private void join(int i, long owner) {
        IvshmemMember member;
        try {
            VmIdentity identity = VmIdentity.read(places[i].memory);
            if (identity.epoch() != region.epoch()) {
                throw new IOException("of epoch " + identity.epoch() + " instead of " + region.epoch());
            }
            member = new IvshmemMember(places[i], owner, identity, haste);
        } catch (IOException e) {
            ignored[i] = owner;
            LOG.log(Level.WARNING, "ignored the VM in place {0}: {1}", i, e.getMessage());
            return;
        }
        if (places[i].owner() != owner) {
            return; // what was read may be of two owners: the next look finds the new one
        }
        known[i] = member;
        byDomId.put(member.id().domId(), member);
        LOG.log(Level.DEBUG, "{0} joined", member);
        tell(() -> listener.joined(member));
    }

    private void leave(int i, IvshmemMember member, boolean died) {
        known[i] = null;
        byDomId.remove(member.id().domId(), member);
        member.end();
        LOG.log(Level.DEBUG, "{0} {1}", member, died ? "died" : "left");
        tell(() -> listener.left(member, died));
    }

    /** This VM leaves: nobody is told. */
    void endAll() {
        byDomId.values().forEach(IvshmemMember::end);
        byDomId.clear();
    }

    private static void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a listener failed", e);
        }
    }
}
