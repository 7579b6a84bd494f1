package org.xenvmc.transport.spi;

/**
 * Lets a selector look for notifications of its VM itself while it spins, instead of being woken by the thread that
 * otherwise sleeps on them. All methods may be called by any thread; enter and exit come in pairs.
 */
public interface SignalPoller {
    /** Whether any connection is on shared memory at present: if not, spinning finds nothing. */
    boolean worthSpinning();

    /** From now on peers need not wake the sleeping thread: this one is looking. */
    void enter();

    /** Delivers pending notifications to their {@link ReadinessListener}s. Costs one shared read when there are none. */
    boolean poll();

    /** The sleeping thread takes over again; notifications that came meanwhile are delivered by it. */
    void exit();
}
