package org.xenvmc.shm.ring;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * What both ends of a ring share: where the memory is, and how a thread waits and is woken (paper: the event channel of a
 * connection).
 *
 * <p>Nobody is missed: a waiter first writes its wait word, then looks again; a waker first publishes, then looks at the word.
 * Both steps of each are separated by a full fence, so at least one of the two sees the other.
 */
abstract class RingEnd {
    final ByteBuffer ring;
    final int capacity;
    final int mask;
    private final Mapping mapping;
    private final int offset;
    private final SpinWait spinWait;
    private final Runnable signalPeer;
    private final Runnable onRelease;
    private final int ownWait;
    private final int peerWait;
    private final BooleanSupplier observable = () -> observable() || kicked();
    private final UseGuard guard = new UseGuard();

    /** A peer can change the wait word without waking: no sleep is longer than this. */
    private static final long LONGEST_SLEEP_NS = 10_000_000_000L;

    private volatile boolean kicked;
    private volatile boolean sleeping;
    private volatile Thread virtualWaiter;
    private volatile long sleeps;
    private volatile long wakeUps;

    RingEnd(RingPlace place, int ownWait, int peerWait) {
        this.mapping = place.mapping();
        this.offset = place.offset();
        this.capacity = place.capacity();
        this.mask = place.capacity() - 1;
        this.ring = mapping.buffer()
                .slice(place.offset(), RingLayout.ringBytes(place.capacity()))
                .order(ByteOrder.nativeOrder());
        this.spinWait = place.spinWait();
        this.signalPeer = place.signalPeer();
        this.onRelease = place.onRelease();
        this.ownWait = ownWait;
        this.peerWait = peerWait;
    }

    /** Whether something that a waiter of this end waits for may have happened. Reads shared memory only. */
    abstract boolean observable();

    private boolean kicked() {
        return kicked;
    }

    /** Called by the waiter before it sleeps. */
    void beforeWaiting() {}

    /** Wakes the other end if somebody waits there. The caller has published before. */
    final void wakePeer() {
        VarHandle.fullFence(); // partner: the volatile write of the wait word in await/arm
        if ((int) RingLayout.INT.getOpaque(ring, peerWait) != RingLayout.NOBODY) {
            wakePeerSlow();
        }
    }

    private void wakePeerSlow() {
        int who = (int) RingLayout.INT.getAndSet(ring, peerWait, RingLayout.NOBODY);
        if (who == RingLayout.SLEEPER) {
            wakeUps++;
            mapping.wakeWord(offset + peerWait, 1);
        } else if (who != RingLayout.NOBODY) {
            wakeUps++;
            signalPeer.run();
        }
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#await}. */
    public final void await(long timeoutNs) {
        beforeWaiting();
        if (!spinWait.spin(observable, timeoutNs) && timeoutNs > 0 && !spinWait.endless()) {
            sleep(timeoutNs);
        }
        kicked = false;
    }

    private void sleep(long timeoutNs) {
        boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
        if (virtual) {
            virtualWaiter = Thread.currentThread();
        }
        sleeping = true;
        RingLayout.INT.setVolatile(ring, ownWait, virtual ? RingLayout.SIGNAL : RingLayout.SLEEPER);
        VarHandle.fullFence(); // partner: the fence in wakePeer
        if (!observable() && !kicked) {
            sleeps++;
            long limitNs = Math.min(timeoutNs, LONGEST_SLEEP_NS);
            long startNs = System.nanoTime();
            if (virtual) {
                LockSupport.parkNanos(this, limitNs);
            } else {
                mapping.awaitWord(offset + ownWait, RingLayout.SLEEPER, limitNs);
            }
            spinWait.slept(System.nanoTime() - startNs);
        }
        sleeping = false;
        RingLayout.INT.setVolatile(ring, ownWait, RingLayout.NOBODY);
        virtualWaiter = null;
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#kick}. */
    public final void kick() {
        if (!guard.enter()) {
            return;
        }
        try {
            kicked = true; // before the look at the wait word: partner is the waiter's order word, then kicked
            if (sleeping) { // a private word: the shared one may have been changed by the peer
                RingLayout.INT.setVolatile(ring, ownWait, RingLayout.NOBODY);
                mapping.wakeWord(offset + ownWait, 1);
            }
            LockSupport.unpark(virtualWaiter); // last: whoever lost its SIGNAL by the store above is woken here
        } finally {
            guard.exit();
        }
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#arm}. */
    public final boolean arm() {
        if (!guard.enter()) {
            return true;
        }
        try {
            beforeWaiting();
            RingLayout.INT.setVolatile(ring, ownWait, RingLayout.SIGNAL);
            VarHandle.fullFence(); // partner: the fence in wakePeer
            return observable();
        } finally {
            guard.exit();
        }
    }

    /** Begins a short use of the memory by a thread that may not own this end; false when it is released. */
    final boolean enterUse() {
        return guard.enter();
    }

    final void exitUse() {
        guard.exit();
    }

    /** Ends all use; the subclass publishes its last word in {@code lastWord}. */
    final void release(Runnable lastWord) {
        if (guard.close()) {
            lastWord.run();
            onRelease.run();
        }
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#capacityBytes}. */
    public final int capacityBytes() {
        return capacity;
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#sleeps}. */
    public final long sleeps() {
        return sleeps;
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#wakeUps}. */
    public final long wakeUps() {
        return wakeUps;
    }
}
