package org.xenvmc.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.spi.AsymmetricFence;

/**
 * The lock of one direction of a stream: reentrant, unfair, almost always uncontended. Unlike that of {@link
 * java.util.concurrent.locks.ReentrantLock}, its unlocking does not wait until the holder's stores have reached the caches,
 * which between two processors costs more than a small record: those who find it held run the heavy half of a fence.
 *
 * <p>A holder looks at flags after unlocking that others set before they tried. Whoever fails in {@link #tryLock} may rely on
 * that: the unlocking, and the look, are still to come.
 */
final class PathLock {
    private static final long FOREVER_NS = Long.MAX_VALUE;
    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(PathLock.class, "owner", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ConcurrentLinkedQueue<Thread> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile AsymmetricFence fence = AsymmetricFence.SYMMETRIC;
    private volatile Thread owner;
    private int holds; // beyond the first; the holder's

    /** From now on with this fence. Who goes on with the old one for a moment is right, too: that one is a full fence. */
    void use(AsymmetricFence better) {
        if (!fence.asymmetric()) {
            fence = better;
        }
    }

    void lock() {
        Thread self = Thread.currentThread();
        if (!OWNER.compareAndSet(this, (Thread) null, self) && !reentered(self)) {
            lockSlow(self, FOREVER_NS);
        }
    }

    /** Takes the lock if it is free; see the class for what a failure means. */
    boolean tryLock() {
        if (tryLockOnce()) {
            return true;
        }
        fence.heavy(); // partner: light in unlock
        return tryLockOnce();
    }

    /** Takes the lock if it is free at once. A failure means nothing more, and costs nothing. */
    boolean tryLockOnce() {
        Thread self = Thread.currentThread();
        return OWNER.compareAndSet(this, (Thread) null, self) || reentered(self);
    }

    /**
     * Takes the lock, and waits for it. An interrupt is kept, and does not end the wait.
     *
     * @param timeoutNs how long, in nanoseconds
     * @return whether it has the lock; if not, that says nothing of the holder
     */
    boolean tryLockFor(long timeoutNs) {
        return tryLockOnce() || lockSlow(Thread.currentThread(), timeoutNs);
    }

    private boolean reentered(Thread self) {
        if (owner != self) {
            return false;
        }
        holds++;
        return true;
    }

    void unlock() {
        if (holds > 0) {
            holds--;
            return;
        }
        OWNER.setRelease(this, (Thread) null);
        fence.light(); // partner: heavy in tryLock and lockSlow; also for the flags that the caller looks at now
        if (waiting.getOpaque() != 0) {
            LockSupport.unpark(queue.peek());
        }
    }

    boolean isHeldByCurrentThread() {
        return owner == Thread.currentThread();
    }

    /** Waits; the holder unparks the first of the queue, which stays there until it has the lock or gives up. */
    private boolean lockSlow(Thread self, long timeoutNs) {
        boolean interrupted = false;
        long beginNs = System.nanoTime();
        long leftNs = timeoutNs;
        queue.add(self);
        waiting.incrementAndGet();
        fence.heavy(); // partner: light in unlock; whoever unlocks from now on sees the count
        boolean locked = OWNER.compareAndSet(this, (Thread) null, self);
        while (!locked && leftNs > 0) {
            LockSupport.parkNanos(this, leftNs);
            interrupted |= Thread.interrupted(); // else parking would not wait any more
            locked = OWNER.compareAndSet(this, (Thread) null, self);
            leftNs = timeoutNs - (System.nanoTime() - beginNs);
        }
        waiting.decrementAndGet();
        queue.remove(self);
        if (interrupted) {
            self.interrupt();
        }
        if (!locked) {
            passOn();
        }
        return locked;
    }

    /** The holder that has unlocked may have unparked this thread, which does not want the lock any more. */
    private void passOn() {
        fence.heavy(); // partner: light in unlock; whoever still saw us in the queue has unlocked, and we see that
        if (owner == null) {
            LockSupport.unpark(queue.peek());
        }
    }
}
