package org.xenvmc.tcp;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One place where the connection manager leaves a ring for the thread that reads or writes, and may take it back. Whoever
 * claims the ring owns it until it is put back or the claim is settled; so nobody ever looks into a ring that another has
 * released.
 */
final class Handover<T> {
    private static final Object CLAIMED = new Object();
    private static final int LOOKS = 200;
    private static final long PAUSE_NS = 20_000;

    private final AtomicReference<Object> place = new AtomicReference<>();

    boolean offer(T ring) {
        return place.compareAndSet(null, ring);
    }

    /** Takes the place without leaving anything yet; false when it is taken. Ends with {@link #putBack} or {@link #settle}. */
    boolean reserve() {
        return place.compareAndSet(null, CLAIMED);
    }

    /** Whether there is something, claimed or not. One volatile read. */
    boolean present() {
        return place.get() != null;
    }

    /** Whether somebody has it in hand at this moment. */
    boolean claimed() {
        return place.get() == CLAIMED;
    }

    @SuppressWarnings("unchecked")
    T claim() {
        Object seen = place.get();
        if (seen == null || seen == CLAIMED || !place.compareAndSet(seen, CLAIMED)) {
            return null;
        }
        return (T) seen;
    }

    /**
     * Takes what is there, also when another has it in hand at this moment: nobody has it for longer than a few looks into the
     * ring's header. Null when there is nothing (any more).
     */
    T take() {
        int looks = 0;
        T ring = claim();
        while (ring == null && present()) {
            if (++looks % LOOKS == 0) {
                LockSupport.parkNanos(PAUSE_NS); // its thread has lost its processor
            } else {
                Thread.onSpinWait();
            }
            ring = claim();
        }
        return ring;
    }

    void putBack(T ring) {
        place.set(ring);
    }

    void settle() {
        place.set(null);
    }
}
