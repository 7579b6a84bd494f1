package org.xenvmc.transport.spi;

import java.net.InetSocketAddress;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ReasonCode;

/**
 * What the connection manager may do with a stream. Implemented by the path switch; called by the manager's threads. No
 * call waits for the application; each has a limit.
 */
public interface StreamControl {
    /** Local address of the TCP connection. */
    InetSocketAddress localAddress();

    /** Remote address of the TCP connection. */
    InetSocketAddress remoteAddress();

    /** Whether this end connected. */
    boolean initiator();

    /**
     * What keeps the stream from rings at this moment: CLOSED; HALF_CLOSED, for good; NEGOTIATING, while it still has to do with
     * its last rings; or NONE.
     */
    ReasonCode upgradeObstacle();

    /**
     * Attaches the ring that the peer will send on, and tells the peer so. The stream owns the ring if the answer is
     * true.
     */
    boolean attachReceiver(RingReceiver ring);

    /** Gives the stream a ring to switch to as soon as its receiver is ready. It owns the ring if the answer is true. */
    boolean offerSender(RingSender ring);

    /**
     * Takes the outgoing direction off its ring: publishes where it ends; what follows goes over TCP. Also withdraws a ring
     * that was only offered.
     *
     * @return false when a writer could not be reached in time
     */
    boolean leaveSender(ReasonCode why, long limitNs);

    /**
     * Takes the incoming direction off its ring, once the peer has published where it ends: what is left in the ring is
     * taken into private memory if the application does not read.
     *
     * @return false when the peer did not end the ring, or a reader could not be reached, in time
     */
    boolean leaveReceiver(ReasonCode why, long limitNs);

    /** Whether the peer has taken everything out of the ring that this end sent on, or there is none. */
    boolean senderDrained();

    /** Whether this end still holds an end of a ring in shared memory, in use or left for use. */
    boolean usesSharedMemory();

    /** Bytes that were taken out of rings into private memory so far. */
    long drainedBytes();

    /** Ends the connection with a {@link org.xenvmc.transport.ConnectionLostException}. */
    void fail(ReasonCode why, String detail);

    /** A notification for this connection came from the peer. */
    void signalled();

    /**
     * The peer's VM is gone (its table entry ended); what it wrote is still there. TCP decides what that means for the stream:
     * its end or its reset, if the process died.
     *
     * @return whether a ring that the peer did not end is in use and TCP has not said anything yet
     */
    boolean peerGone();

    /**
     * Makes the peer look at its rings: sends a frame that means nothing, as soon as no writer is in the way. Never blocks for long;
     * does nothing while TCP carries no frames. Any thread, also one that moves data of this stream.
     */
    default void wakePeer() {}

    /**
     * Called a few times a second where the memory of the rings may be withdrawn without notice: looks how far the peer has come, and
     * lets both directions go over to rings that are agreed on, even if nobody writes, so that {@link #memoryLost} finds as little as
     * possible that it cannot be sure of.
     */
    default void prepareForLoss() {}

    /**
     * The memory of the rings was withdrawn without notice. A direction of which the peer was seen to have taken everything goes on
     * over TCP. If something may be lost the connection ends with an error that says so.
     */
    default void memoryLost(ReasonCode why) {
        fail(why, "the shared memory was withdrawn");
    }

    /** Records why the connection is on TCP at present. */
    void reason(ReasonCode why);

    /** A snapshot for people and tools. */
    ConnectionInfo info();
}
