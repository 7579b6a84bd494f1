package org.xenvmc.tcp;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.RingSender;

/** What the watch loop and the connection manager do with the outgoing direction: they never wait for the application. */
abstract class OutgoingControl extends OutgoingPath {
    OutgoingControl(StreamState state, TcpLink link) {
        super(state, link);
    }

    /**
     * Sends a frame that means nothing, so that firewalls and address translators do not forget the TCP connection beside the
     * ring. Called by the watch loop's thread; does nothing where it could block.
     */
    void keepAlive() throws IOException {
        if (path == Path.SHARED_MEMORY && link.watching() && !link.hasPending()) {
            withoutWriter(() -> {
                if (path == Path.SHARED_MEMORY && link.watching() && !link.hasPending()) {
                    link.writeOrKeep(Frame.control(Frame.NOP, sent));
                }
            });
        }
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#wakePeer}. */
    void wakePeer() {
        wakeOwed = true; // before the try: who holds the lock looks at this after unlocking
        if (lock.tryLock()) {
            unlock();
        } else {
            kick(); // a writer that waits for room comes by
        }
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#prepareForLoss}. */
    void prepareForLoss() {
        if (state.ended() || ring == null && draining == null && !offered.present() || !lock.tryLockOnce()) {
            return;
        }
        try {
            RingSender r = ring != null ? ring : draining;
            if (r != null) {
                r.acknowledge();
            } else if (!shut) {
                switchIfOffered();
            }
        } catch (IOException e) {
            state.peerClosed(e); // TCP is broken
        } finally {
            unlock();
        }
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#memoryLost}. */
    void memoryLost() {
        withdrawOffer();
        ringLost = true; // before the try: who holds the lock looks at this after unlocking
        if (lock.tryLock()) {
            unlock();
        } else {
            kick(); // a writer that waits for room comes by
        }
    }

    /** Whether no ring can carry this direction any more. */
    boolean finished() {
        return shut || urgentOnTcp;
    }

    boolean upgradable() {
        return ring == null && drained() && !offered.present() && !shut && !urgentOnTcp;
    }

    boolean offer(RingSender r) {
        if (!upgradable() || state.ended() || !offered.offer(r)) {
            return false;
        }
        lock.use(r.fence());
        if (state.ended() || shut) {
            withdrawOffer();
        }
        return true;
    }

    /** See {@link org.xenvmc.transport.spi.StreamControl#leaveSender}. */
    boolean leave(ReasonCode why, long limitNs) {
        long deadlineNs = System.nanoTime() + limitNs;
        while (!state.ended()) {
            withdrawOffer();
            if (ring == null) {
                break;
            }
            leaving = why;
            if (lock.tryLock()) {
                leaveUnderLock();
                break;
            }
            kick();
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        leaving = null;
        return true;
    }

    void leaveUnderLock() {
        try {
            if (!state.ended()) {
                leaveNow();
            }
        } finally {
            unlock();
        }
    }

    /** The receiver's VM is gone. Returns whether a ring without an end is left behind. */
    boolean receiverGone() {
        withdrawOffer();
        releaseDraining();
        return ring != null && !finSent;
    }

    /** Whether no ring is in use, and the receiver has everything of the one that was ended. */
    boolean left() {
        return ring == null && drained() || finSent && ringDone();
    }

    boolean ringDone() {
        RingSender r = ring;
        return r == null || r.receiverDone();
    }

    boolean usesSharedMemory() {
        return ring != null || offered.present() || !drained();
    }
}
