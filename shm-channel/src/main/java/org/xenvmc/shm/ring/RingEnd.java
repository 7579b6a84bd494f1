package org.xenvmc.shm.ring;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.transport.spi.AsymmetricFence;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * What both ends of a ring share: where the memory is, and how a thread waits and is woken (paper: the event channel of a
 * connection).
 *
 * <p>Nobody is missed: a waiter first writes its wait word, then looks again; a waker first publishes, then looks at the word.
 * Both steps of each are separated by a fence, so at least one of the two sees the other. The waker's may be the light half of an
 * asymmetric one, see {@link FenceMode}.
 */
abstract class RingEnd {
    final ByteBuffer ring;
    final int capacity;
    final int mask;
    private final Mapping mapping;
    private final int offset;
    private final SpinWait spinWait;
    private final WakeCost wakeCost; // null where there are interrupts
    private final boolean interrupts;
    private final Naps naps = new Naps();
    private final Runnable signalPeer;
    private final Runnable onRelease;
    private final int ownWait;
    private final int peerWait;
    private final int peerUnfenced;
    private final AsymmetricFence fence;
    private final FenceMode mode;
    private final BooleanSupplier observable = () -> observable() || kicked();
    private final UseGuard guard = new UseGuard();

    /** A peer can change the wait word without waking: no sleep is longer than this. */
    private static final long LONGEST_SLEEP_NS = 10_000_000_000L;

    private static final long NEVER = Long.MIN_VALUE;

    private volatile boolean kicked;
    private volatile long takenAtNs = NEVER;
    private volatile boolean sleeping;
    private volatile Thread virtualWaiter;
    private volatile long sleeps;
    private volatile long wakeUps;

    /** Where the words of an end are, and of its peer. */
    record Words(int ownWait, int peerWait, int ownUnfenced, int peerUnfenced, int peerState, int peerHeavyBit) {}

    RingEnd(RingPlace place, Words words) {
        this.mapping = place.mapping();
        this.offset = place.offset();
        this.capacity = place.capacity();
        this.mask = place.capacity() - 1;
        this.ring = mapping.buffer()
                .slice(place.offset(), RingLayout.ringBytes(place.capacity()))
                .order(ByteOrder.nativeOrder());
        this.spinWait = place.spinWait();
        this.interrupts = mapping.interrupts();
        this.wakeCost = interrupts ? null : spinWait.wakeCost();
        this.signalPeer = place.signalPeer();
        this.onRelease = place.onRelease();
        this.ownWait = words.ownWait();
        this.peerWait = words.peerWait();
        this.peerUnfenced = words.peerUnfenced();
        this.fence = place.fence();
        this.mode = new FenceMode(ring, fence, words.ownUnfenced(), words.peerState(), words.peerHeavyBit());
    }

    /** Whether something that a waiter of this end waits for may have happened. Reads shared memory only. */
    abstract boolean observable();

    private boolean kicked() {
        return kicked;
    }

    /** Called by the waiter before it sleeps. */
    void beforeWaiting() {}

    /** How far this end has come; for statistics. */
    abstract long position();

    /** Wakes the other end if somebody waits there. The caller moves data and has published before. */
    final void wakePeer() {
        if (peerWaits()) {
            wakeWaitingPeer();
        }
    }

    /** Whether somebody waits at the other end. The caller moves data and has published before. */
    final boolean peerWaits() {
        mode.fence();
        if (somebodyWaits()) {
            return true;
        }
        mode.notWaiting(position());
        return false;
    }

    private boolean somebodyWaits() {
        return (int) RingLayout.INT.getOpaque(ring, peerWait) != RingLayout.NOBODY;
    }

    /** Follows {@link #peerWaits}. */
    final void wakeWaitingPeer() {
        mode.waited(position());
        wakePeerSlow();
    }

    /** Like {@link #wakePeer}, for any thread: after a word was published. */
    final void wakePeerForWord() {
        VarHandle.fullFence(); // partner: the fence in fenceForPeer
        if (somebodyWaits()) {
            wakePeerSlow();
        }
    }

    /** Comes between the own wait word and the last look. */
    private void fenceForPeer() {
        VarHandle.fullFence(); // partner: FenceMode.fence, or that of unfence
        if ((int) RingLayout.INT.getAcquire(ring, peerUnfenced) != 0) {
            fence.heavy(); // partner: light in FenceMode.fence
        }
    }

    /** Whether this end's {@link #fenceForPeer} does what an unfenced peer relies on. */
    final boolean heavy() {
        return fence.asymmetric();
    }

    final void keepAddresses() {
        mapping.keepAddresses();
    }

    final boolean spins() {
        return spinWait.mayPay();
    }

    private void wakePeerSlow() {
        int who = (int) RingLayout.INT.getAndSet(ring, peerWait, RingLayout.NOBODY);
        if (who == RingLayout.SLEEPER && interrupts) {
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
        if (!spinWait.spin(observable, timeoutNs)
                && timeoutNs > 0
                && !spinWait.endless()
                && (interrupts || !nap(timeoutNs))) {
            sleep(timeoutNs);
        }
        kicked = false;
    }

    /**
     * Fails when the memory was withdrawn. A receiver calls this after it has copied something and before it counts that; a sender
     * before it writes: what goes nowhere later counts as sent, and as never received.
     */
    final void checkPresent() throws MemoryLostException {
        if (!interrupts && !mapping.present()) {
            throw new MemoryLostException();
        }
    }

    private boolean nap(long timeoutNs) {
        if (wakeCost != null && wakeCost.due()) {
            return false;
        }
        long startNs = System.nanoTime();
        boolean found = naps.take(observable, timeoutNs);
        if (found) {
            spinWait.slept(System.nanoTime() - startNs);
        }
        return found;
    }

    private void sleep(long timeoutNs) {
        boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
        if (virtual) {
            virtualWaiter = Thread.currentThread();
        }
        sleeping = true;
        RingLayout.INT.setVolatile(ring, ownWait, virtual ? RingLayout.SIGNAL : RingLayout.SLEEPER);
        fenceForPeer();
        if (!observable() && !kicked) {
            sleeps++;
            long limitNs = Math.min(timeoutNs, LONGEST_SLEEP_NS);
            long startNs = System.nanoTime();
            if (virtual) {
                LockSupport.parkNanos(this, limitNs);
            } else {
                long leftNs = wakeCost == null ? limitNs : limitNs - measure(limitNs);
                mapping.awaitWord(offset + ownWait, RingLayout.SLEEPER, leftNs);
            }
            long durationNs = System.nanoTime() - startNs;
            spinWait.slept(durationNs);
            naps.slept(durationNs);
        }
        sleeping = false;
        RingLayout.INT.setVolatile(ring, ownWait, RingLayout.NOBODY);
        virtualWaiter = null;
    }

    /** If it is time for that: looks when the peer takes the wait word, so that {@link #kick} can tell how long the frame took. */
    private long measure(long limitNs) {
        if (!wakeCost.due()) {
            wakeCost.passed();
            return 0;
        }
        long mostNs = Math.min(limitNs, wakeCost.begin());
        long startNs = System.nanoTime();
        long nowNs = startNs;
        while ((int) RingLayout.INT.getVolatile(ring, ownWait) == RingLayout.SLEEPER && nowNs - startNs < mostNs) {
            Thread.onSpinWait();
            nowNs = System.nanoTime();
        }
        if (!kicked && (int) RingLayout.INT.getVolatile(ring, ownWait) != RingLayout.SLEEPER) {
            takenAtNs = nowNs;
        }
        return nowNs - startNs;
    }

    private void measured() {
        long atNs = takenAtNs;
        if (atNs != NEVER) {
            takenAtNs = NEVER;
            wakeCost.measured(System.nanoTime() - atNs);
        }
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#kick}. */
    public final void kick() {
        if (!guard.enter()) {
            return;
        }
        try {
            measured();
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
            fenceForPeer();
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

    /** See {@link org.xenvmc.transport.spi.RingReceiver#fence}. */
    public final AsymmetricFence fence() {
        return fence;
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#capacityBytes}. */
    public final int capacityBytes() {
        return capacity;
    }

    /** See {@link org.xenvmc.transport.spi.RingReceiver#positionBytes}. */
    public final long positionBytes() {
        return position();
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
