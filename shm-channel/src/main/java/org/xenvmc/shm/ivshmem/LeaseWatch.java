package org.xenvmc.shm.ivshmem;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Tells which owners of places are dead: their heartbeat has not changed for the time of a lease, by this VM's own clock. Guests share no
 * clock and no file locks, so nothing else can be compared. A VM that did not look for long (it was stopped itself) begins to count
 * anew. Used by one thread.
 */
final class LeaseWatch {
    /** Whoever looks only once in a while (to join a full region) must not be taken for one who was stopped. */
    private static final long LEAST_GAP_NS = TimeUnit.SECONDS.toNanos(3);

    private final long leaseNs;
    private final long[] owners = new long[RegionDescriptor.MAX_PLACES];
    private final long[] heartbeats = new long[RegionDescriptor.MAX_PLACES];
    private final long[] changedNs = new long[RegionDescriptor.MAX_PLACES];
    private long lookedNs;

    LeaseWatch(long leaseNs) {
        this.leaseNs = leaseNs;
    }

    /** Begins a look at all places. */
    void begin(long nowNs) {
        if (nowNs - lookedNs > Math.max(LEAST_GAP_NS, leaseNs / 2)) {
            Arrays.fill(owners, 0L);
        }
        lookedNs = nowNs;
    }

    /** Whether the owner of the place is dead. */
    boolean expired(Place place, long owner, long nowNs) {
        int i = place.number;
        long heartbeat = place.heartbeat();
        if (owners[i] != owner || heartbeats[i] != heartbeat) {
            owners[i] = owner;
            heartbeats[i] = heartbeat;
            changedNs[i] = nowNs;
        }
        return nowNs - changedNs[i] > leaseNs;
    }
}
