package org.xenvmc.shm.provider;

import java.nio.ByteBuffer;

/**
 * A piece of shared memory mapped into this process. The caller makes sure that nobody uses the buffer, or a duplicate
 * of it, when {@link #unmap()} is called and afterwards: such an access would end the JVM.
 */
public interface Mapping {
    /** The memory, in native byte order; position 0, limit = capacity. Direct, aligned to a page. */
    ByteBuffer buffer();

    /**
     * Sleeps while the 32-bit word at {@code offset} holds {@code expected}; returns when woken, when it holds something
     * else, after the time, or spuriously. Pins a virtual thread: call it on platform threads only.
     *
     * @param timeoutNs longest sleep in nanoseconds, {@link Long#MAX_VALUE} for no limit
     */
    void awaitWord(int offset, int expected, long timeoutNs);

    /** Wakes up to {@code count} sleepers of {@link #awaitWord} at this offset, in all processes. */
    void wakeWord(int offset, int count);

    /**
     * Whether {@link #wakeWord} reaches the other VM. If it does not, who waits looks again after short naps before it sleeps, and
     * a peer that finds it asleep signals the connection; and the memory may be withdrawn at any time, see {@link #present}.
     */
    default boolean interrupts() {
        return true;
    }

    /** Whether the memory still is what was mapped. If not, reads give anything and writes go nowhere. One shared read. */
    default boolean present() {
        return true;
    }

    /**
     * Parts of the buffer were handed to the application: when the mapping has ended, its addresses stay valid, with other memory
     * behind them, as long as the buffer is reachable.
     */
    default void keepAddresses() {}

    /** Ends the mapping. Idempotent. */
    void unmap();
}
