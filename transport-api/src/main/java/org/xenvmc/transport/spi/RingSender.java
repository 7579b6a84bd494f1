package org.xenvmc.transport.spi;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The sending end of one ring (paper: sender_t). Calls that move data, and await, belong to one thread at a time (the
 * holder of the stream's write lock); {@link #kick} may come from any thread while the ring is not released.
 */
public interface RingSender {
    /**
     * Remembers how far the other end's state is known: called before looking at it; a later {@link #await} or {@link
     * #arm} returns when it has changed since.
     */
    void observe();

    /** Whether the receiver has attached: only then may {@link #start} be published. */
    boolean receiverReady();

    /** Publishes the offset of the first byte that goes through the ring. Once, before the first write. */
    void start(long offset);

    /**
     * Copies what there is room for, without blocking, and makes it visible.
     *
     * @return bytes copied, 0 when the ring is full, -1 when the receiver has closed (nothing would be read)
     * @throws IOException when the receiver published what no honest one publishes
     */
    int write(ByteBuffer src) throws IOException;

    /** Whether at least one byte can be written. */
    boolean hasRoom() throws IOException;

    /** Publishes that the direction goes on over TCP from this offset. Needs no room. Wakes the receiver. */
    void end(long offset);

    /** Publishes the end of the stream. Needs no room. Wakes the receiver. */
    void fin(long offset);

    /** Publishes that the connection is aborted. Wakes the receiver. */
    void abort();

    /** Gives up a ring that was never started. Wakes the receiver. */
    void cancel();

    /**
     * Writes one byte of urgent data, which the receiver drops or takes in its place, as its socket option says.
     *
     * @return false when the ring is full
     */
    boolean writeUrgent(byte data) throws IOException;

    /** Whether the receiver has closed with data unread, or after an error. */
    boolean receiverAborted();

    /** Whether the receiver has closed (nothing will be read any more). */
    boolean receiverClosed();

    /** Whether the receiver has taken everything up to the published end or fin, or has closed or released the ring. */
    boolean receiverDone();

    /** Looks how far the receiver has come, for {@link #allTaken}. By the owner of this end, now and then. */
    default void acknowledge() {}

    /**
     * Whether the receiver was seen to have taken everything that was written. Reads no shared memory: that may be
     * gone.
     */
    default boolean allTaken() {
        return false;
    }

    /**
     * At least how many of the bytes that were written last the receiver was not seen to have taken, by {@link
     * #acknowledge} or a write; never too few. Reads no shared memory.
     */
    default int unconfirmedBytes() {
        return capacityBytes();
    }

    /** Waits until there is room, the receiver changed its state, or {@link #kick}, or the time is over. */
    void await(long timeoutNs);

    /** Wakes {@link #await} from this side. */
    void kick();

    /**
     * Asks for one notification of the connection (not of a thread) when room appears.
     *
     * @return true when there may be room already
     */
    boolean arm();

    /** The fence of this end's process, which others that share its threads may use. */
    default AsymmetricFence fence() {
        return AsymmetricFence.SYMMETRIC;
    }

    /** Capacity in bytes. */
    int capacityBytes();

    /** Bytes written and not yet taken, for estimates. */
    int fillBytes();

    /**
     * How many bytes of the ring this end has written since it was made, what goes with each record included; for
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
