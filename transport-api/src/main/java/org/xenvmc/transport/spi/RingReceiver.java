package org.xenvmc.transport.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * The receiving end of one ring (paper: recver_t). Calls that move data, and await, belong to one thread at a time (the
 * holder of the stream's read lock); {@link #kick} may come from any thread while the ring is not released.
 */
public interface RingReceiver {
    /** Value of an offset that is not published yet. */
    long UNSET = -1;

    /** Tells the sender that this end is attached; only then may it switch. */
    void ready();

    /**
     * Remembers how far the other end's state is known: called before looking at it; a later {@link #await} or {@link #arm}
     * returns when it has changed since.
     */
    void observe();

    /** Offset of the first byte in the ring, or {@link #UNSET} while the sender has not switched. */
    long start();

    /**
     * Copies what is there, without blocking.
     *
     * @return bytes copied, 0 when the ring is empty
     * @throws IOException when the ring holds what no honest sender writes
     */
    int read(ByteBuffer dst) throws IOException;

    /**
     * Shows bytes where they lie. The next call is {@link #takeLent}.
     *
     * @return at least one byte and at most {@code maxBytes}, read-only; null when there are none, or this ring cannot lend
     * @throws IOException as {@link #read}
     */
    default ByteBuffer lend(int maxBytes) throws IOException {
        return null;
    }

    /**
     * Counts the bytes that were lent as taken.
     *
     * @throws MemoryLostException when they may not be what the peer wrote, because the memory was withdrawn
     */
    default void takeLent() throws IOException {}

    /** Whether at least one byte can be read. */
    boolean hasData() throws IOException;

    /** Asked when urgent data is met: whether it belongs to the stream (SO_OOBINLINE), or is dropped. */
    void urgentInline(BooleanSupplier inline);

    /** Bytes of urgent data that were dropped so far: they count as taken. */
    long droppedBytes();

    /** Bytes that can be read now. */
    int availableBytes();

    /** Occupied bytes of the ring, for people. */
    int fillBytes();

    /** Offset after the last byte of the ring when the direction goes on over TCP, or {@link #UNSET}. */
    long end();

    /** Offset after the last byte of the stream when the sender closed it, or {@link #UNSET}. */
    long fin();

    /** Whether the sender aborted (reset) the connection. */
    boolean aborted();

    /** Whether the sender has given the ring up without ever using it. */
    boolean cancelled();

    /**
     * Waits until data, an offset or a state may have been published, or {@link #kick}, or the time is over. Spins
     * first, as configured. Returns spuriously at times.
     */
    void await(long timeoutNs);

    /** Wakes {@link #await} from this side. */
    void kick();

    /**
     * Asks for one notification of the connection (not of a thread) when something is published.
     *
     * @return true when there may be something already
     */
    boolean arm();

    /** Tells the sender that nothing will be read any more, now or later; a blocked writer wakes and fails. */
    void close(boolean abort);

    /** Whether the bytes lie in memory that may be withdrawn, and not in private memory. */
    default boolean mayVanish() {
        return true;
    }

    /**
     * Fails when the memory was withdrawn: what was read in it, other than by {@link #read}, means nothing then.
     *
     * @throws MemoryLostException when it is not the memory any more that the ring was in
     */
    default void checkMemory() throws MemoryLostException {}

    /** The fence of this end's process, which others that share its threads may use. */
    default AsymmetricFence fence() {
        return AsymmetricFence.SYMMETRIC;
    }

    /** Capacity in bytes. */
    int capacityBytes();

    /**
     * How many bytes of the ring this end has taken since it was made, what goes with each record included; for
     * statistics, by any thread.
     */
    default long positionBytes() {
        return 0;
    }

    /** How often a thread slept here. */
    long sleeps();

    /** How often the other end was woken. */
    long wakeUps();

    /** Gives the ring back: the last call, by the thread that owns the end. No memory is touched afterwards. */
    void release();
}
