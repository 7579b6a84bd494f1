package org.xenvmc.transport;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Keys that have to be looked at by the next selection. Any thread pushes, the selecting thread takes them all. A key
 * is in it once at most, however often it is pushed, and nothing is allocated.
 */
final class SignalStack {
    private final AtomicReference<VmcSelectionKey> top = new AtomicReference<>();

    /** Adds the key unless it is there. What happened before is seen by the thread that takes it. */
    void push(VmcSelectionKey key) {
        if (!key.trySignal()) {
            return;
        }
        VmcSelectionKey below;
        do {
            below = top.get();
            key.nextSignalled = below;
        } while (!top.compareAndSet(below, key));
    }

    boolean isEmpty() {
        return top.get() == null;
    }

    /**
     * Takes everything. The keys are linked by {@link VmcSelectionKey#nextSignalled}; each has to be {@link #release
     * released}.
     */
    VmcSelectionKey takeAll() {
        return top.get() == null ? null : top.getAndSet(null);
    }

    /** Unlinks a key that was taken: from now on it can be pushed again. Returns the next. */
    static VmcSelectionKey release(VmcSelectionKey key) {
        VmcSelectionKey next = key.nextSignalled;
        key.nextSignalled = null;
        key.clearSignal();
        return next;
    }
}
