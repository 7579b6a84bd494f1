package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.xenvmc.shm.provider.GrantTable.Grant;
import org.xenvmc.shm.ring.RingLayout;

/** A grant cut into slots for rings of one capacity. A slot: free, in use, or in limbo until the receiver has let go. */
final class RingSegment {
    private static final int PAGE = 4096;

    private final Grant grant;
    private final int capacity;
    private final int stride;
    private final int slots;
    private final BitSet used = new BitSet();
    private final BitSet limbo = new BitSet();

    RingSegment(Grant grant, int capacity, int slots) {
        this.grant = grant;
        this.capacity = capacity;
        this.stride = stride(capacity);
        this.slots = slots;
    }

    static int stride(int capacity) {
        return (RingLayout.ringBytes(capacity) + PAGE - 1) & -PAGE;
    }

    Grant grant() {
        return grant;
    }

    int capacity() {
        return capacity;
    }

    int slots() {
        return slots;
    }

    int offset(int slot) {
        return slot * stride;
    }

    /** Takes a free slot and makes its ring empty; -1 when there is none. */
    int take() {
        int slot = used.nextClearBit(0);
        if (slot >= slots) {
            reclaim();
            slot = used.nextClearBit(0);
        }
        if (slot >= slots) {
            return -1;
        }
        used.set(slot);
        RingLayout.initialise(ring(slot), capacity);
        return slot;
    }

    /** The sender has let go; the slot is free when the receiver has, too. */
    void release(int slot) {
        limbo.set(slot);
    }

    /** Frees the slots that both have let go. */
    void reclaim() {
        for (int slot = limbo.nextSetBit(0); slot >= 0; slot = limbo.nextSetBit(slot + 1)) {
            if (RingLayout.releasedByReceiver(ring(slot))) {
                limbo.clear(slot);
                used.clear(slot);
            }
        }
    }

    boolean empty() {
        return used.isEmpty();
    }

    int free() {
        return slots - used.cardinality();
    }

    /** Whether this VM's own sender ends are all released. */
    boolean quiet() {
        return used.cardinality() == limbo.cardinality();
    }

    private ByteBuffer ring(int slot) {
        return grant.mapping()
                .buffer()
                .slice(offset(slot), RingLayout.ringBytes(capacity))
                .order(java.nio.ByteOrder.nativeOrder());
    }
}
