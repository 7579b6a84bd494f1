package org.xenvmc.shm.ivshmem;

import org.xenvmc.shm.file.EntryMember;
import org.xenvmc.shm.file.VmIdentity;

/**
 * A VM whose entry is in a place of the region. After the region was given up calls end in private memory (see {@link
 * Region#detach}).
 */
final class IvshmemMember extends EntryMember {
    private final long owner;
    private final Place place;
    private final Haste haste;

    /** A member; {@code haste} makes this VM look for the answer to a message soon. */
    IvshmemMember(Place place, long owner, VmIdentity identity, Haste haste) {
        super(
                RegionDescriptor.domId(place.number, place.generation()),
                identity,
                place.signals,
                place.ports,
                place.mailbox);
        this.owner = owner;
        this.place = place;
        this.haste = haste;
    }

    long owner() {
        return owner;
    }

    Place place() {
        return place;
    }

    Haste haste() {
        return haste;
    }

    @Override
    protected void mailed() {
        haste.run();
    }

    /** There is no bell to ring: see {@link #asleep}. */
    @Override
    protected void marked() {}

    @Override
    public boolean asleep() {
        return !place.isPolled();
    }
}
