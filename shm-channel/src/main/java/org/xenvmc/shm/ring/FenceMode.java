package org.xenvmc.shm.ring;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.xenvmc.transport.spi.AsymmetricFence;

/**
 * Whether an end fences after each publication, before it looks whether the peer waits. It stops doing so while the peer is
 * not seen waiting, and says so in a word of the ring: then the peer, which waits seldom, fences for both (see
 * {@link AsymmetricFence}). A fence after each small record would cost more than the record.
 *
 * <p>Used by the thread that moves data.
 */
final class FenceMode {
    private static final int FEWEST = 1 << 10;
    private static final int MOST = 1 << 20;
    /** Bytes moved without a fence, for each publication with one before, that make the change worth while. */
    private static final long WORTH_BYTES = 4096;

    private final ByteBuffer ring;
    private final AsymmetricFence fence;
    private final int unfencedWord;
    private final int peerState;
    private final int peerHeavyBit;

    private boolean unfenced;
    private int threshold = FEWEST;
    private int left = FEWEST;
    private long unfencedAt;

    /**
     * Begins with fences.
     *
     * @param unfencedWord offset of the word that tells the peer
     * @param peerState offset of the word in which the peer says, with {@code peerHeavyBit}, that it looks at the former
     */
    FenceMode(ByteBuffer ring, AsymmetricFence fence, int unfencedWord, int peerState, int peerHeavyBit) {
        this.ring = ring;
        this.fence = fence;
        this.unfencedWord = unfencedWord;
        this.peerState = peerState;
        this.peerHeavyBit = peerHeavyBit;
    }

    /** Comes between a publication and the look at the peer's wait word. */
    void fence() {
        if (unfenced) {
            fence.light(); // partner: heavy in RingEnd.fenceForPeer
        } else {
            VarHandle.fullFence(); // partner: the fence in RingEnd.fenceForPeer
        }
    }

    /** The peer was not waiting. */
    void notWaiting(long position) {
        if (unfenced || --left > 0) {
            return;
        }
        left = threshold;
        boolean peerHeavy = ((int) RingLayout.INT.getAcquire(ring, peerState) & peerHeavyBit) != 0;
        if (fence.asymmetric() && peerHeavy) {
            unfence(position);
        }
    }

    private void unfence(long position) {
        unfenced = true;
        unfencedAt = position;
        RingLayout.INT.setOpaque(ring, unfencedWord, 1);
        VarHandle.fullFence(); // partner: the fence in RingEnd.fenceForPeer, before the look at this word
    }

    /** The peer was waiting: from now on it is spared its fence, which is the dearer one. */
    void waited(long position) {
        if (unfenced) {
            unfenced = false;
            RingLayout.INT.setRelease(ring, unfencedWord, 0); // partner: RingEnd.fenceForPeer
            boolean paid = position - unfencedAt >= threshold * WORTH_BYTES;
            threshold = paid ? FEWEST : Math.min(threshold << 1, MOST);
        }
        left = threshold;
    }
}
