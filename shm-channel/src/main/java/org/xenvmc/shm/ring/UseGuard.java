package org.xenvmc.shm.ring;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps memory alive for short uses by threads that do not own it: a use either happens before the closing or not at all.
 */
final class UseGuard extends AtomicInteger {
    private static final long serialVersionUID = 1L;
    private static final int CLOSED = Integer.MIN_VALUE;

    /** Begins a use; false when closed. Each true is followed by {@link #exit}. */
    boolean enter() {
        int uses;
        do {
            uses = get();
            if (uses < 0) {
                return false;
            }
        } while (!compareAndSet(uses, uses + 1));
        return true;
    }

    void exit() {
        decrementAndGet();
    }

    boolean closed() {
        return get() < 0;
    }

    /**
     * Lets nobody enter any more and waits for those inside, who stay for less than a microsecond.
     *
     * @return false when it was closed already
     */
    boolean close() {
        if ((getAndUpdate(uses -> uses | CLOSED) & CLOSED) != 0) {
            return false;
        }
        while (get() != CLOSED) {
            Thread.onSpinWait();
        }
        return true;
    }
}
