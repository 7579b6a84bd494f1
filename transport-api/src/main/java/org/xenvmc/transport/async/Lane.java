package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One kind of operation of one channel (reading, writing, connecting, accepting), of which one at a time is outstanding.
 * Its fields are guarded by its monitor, which is never held while trying, blocking or calling an application.
 *
 * <p>An operation that waits is in {@link #pending}; who takes it out completes it, or puts it back: a thread of the group
 * because the channel is ready, the timer, or the thread that closes the channel. One that is put back looks whether the
 * channel was closed or the time was over meanwhile, so that none is forgotten.
 */
final class Lane {
    private final AsynchronousChannel channel;
    private final GroupChannel owner;
    private final VmcAsynchronousChannelGroup group;
    private final Registration registration;
    private final int readyOp;
    private final Runnable onCancel;

    private boolean busy;
    private boolean killed;
    private int active; // operations that are being tried, or completed, by some thread
    private Operation<?, ?> pending;

    /**
     * A lane.
     *
     * @param readyOp what the channel below has to be ready for
     * @param onCancel called before the future of a waiting operation is cancelled
     */
    <C extends AsynchronousChannel & GroupChannel> Lane(
            C channel, Registration registration, int readyOp, Runnable onCancel) {
        this.channel = channel;
        this.owner = channel;
        this.group = channel.group();
        this.registration = registration;
        this.readyOp = readyOp;
        this.onCancel = onCancel;
    }

    // -- for the initiator; the caller holds the monitor if it wants more than one of these at once

    /** Whether an operation was given up in the middle, after which none is possible any more. */
    synchronized boolean isKilled() {
        return killed;
    }

    synchronized boolean isBusy() {
        return busy;
    }

    synchronized void occupy() {
        busy = true;
    }

    synchronized void kill() {
        killed = true;
    }

    /** Whether some thread is busy with an operation. */
    synchronized boolean isActive() {
        return active > 0;
    }

    private synchronized void enter() {
        active++;
    }

    private void leave() {
        synchronized (this) {
            active--;
        }
        if (!channel.isOpen()) {
            owner.operationEnded();
        }
    }

    // -- operations

    /** Whether the calling thread may try by itself: in a fixed pool the pool's threads do all the work for handlers. */
    boolean mayTry(Operation<?, ?> op) {
        return !op.hasHandler() || !group.isFixed() || HandlerThread.mayInvoke(group);
    }

    /**
     * Starts an operation; the lane is occupied by it.
     *
     * @param tryNow whether to try in this thread first
     * @param direct whether a handler may be invoked by this thread
     * @param timeout not positive: none
     * @return what the initiator gets
     */
    <V, A> Future<V> start(Operation<V, A> op, boolean tryNow, boolean direct, long timeout, TimeUnit unit) {
        enter();
        try {
            return startActive(op, tryNow, direct, timeout, unit);
        } finally {
            leave();
        }
    }

    private <V, A> Future<V> startActive(
            Operation<V, A> op, boolean tryNow, boolean direct, long timeout, TimeUnit unit) {
        Object result = Attempt.NOT_YET;
        Throwable failure = null;
        if (tryNow) {
            try {
                result = op.attempt().tryNow();
            } catch (Throwable t) { // whatever it is, the application has to learn of it
                failure = translated(t);
            }
        }
        if (result == Attempt.NOT_YET && failure == null) {
            Future<V> future = op.suspended(channel, onCancel);
            suspend(op, timeout, unit);
            return future;
        }
        release();
        return op.completedAtOnce(Lane.<V>valueOf(result), failure, direct && HandlerThread.mayInvoke(group));
    }

    private synchronized void release() {
        busy = false;
    }

    private void suspend(Operation<?, ?> op, long timeout, TimeUnit unit) {
        synchronized (this) {
            if (timeout > 0) {
                op.timer = group.schedule(() -> expire(op), timeout, unit);
            }
        }
        putBack(op);
    }

    private void putBack(Operation<?, ?> op) {
        Throwable failure = null;
        synchronized (this) {
            if (!channel.isOpen()) {
                failure = new AsynchronousCloseException();
            } else if (op.expired) {
                killed = true;
                failure = new InterruptedByTimeoutException();
            } else {
                pending = op;
            }
        }
        if (failure == null) {
            registration.arm(readyOp);
        } else {
            finish(op, Attempt.NOT_YET, failure, false);
        }
    }

    /** The caller has to {@link #leave} unless this is null. */
    private synchronized Operation<?, ?> takePending() {
        Operation<?, ?> op = pending;
        pending = null;
        if (op != null) {
            active++;
        }
        return op;
    }

    /** The channel below may be ready, or will never be: the operation that waits is tried. */
    void ready(boolean direct) {
        Operation<?, ?> op = takePending();
        if (op == null) {
            return;
        }
        try {
            retry(op, direct);
        } finally {
            leave();
        }
    }

    private void retry(Operation<?, ?> op, boolean direct) {
        Object result = Attempt.NOT_YET;
        Throwable failure = null;
        try {
            result = op.attempt().tryNow();
        } catch (Throwable t) { // whatever it is, the application has to learn of it
            failure = translated(t);
        }
        if (result == Attempt.NOT_YET && failure == null) {
            putBack(op);
        } else {
            finish(op, result, failure, direct);
        }
    }

    /** The channel is closed: the operation that waits fails. */
    void closed() {
        Operation<?, ?> op = takePending();
        if (op != null) {
            fail(op, new AsynchronousCloseException());
        }
    }

    private void expire(Operation<?, ?> op) {
        synchronized (this) {
            if (pending != op) {
                op.expired = true; // it is being tried; see putBack
                return;
            }
            pending = null;
            active++;
            killed = true; // before anybody is told
        }
        fail(op, new InterruptedByTimeoutException());
    }

    private void fail(Operation<?, ?> op, Throwable failure) {
        try {
            finish(op, Attempt.NOT_YET, failure, false);
        } finally {
            leave();
        }
    }

    private <V> void finish(Operation<V, ?> op, Object result, Throwable failure, boolean direct) {
        Future<?> timer;
        synchronized (this) {
            busy = false; // before the handler, which may want to start the next
            timer = op.timer;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        op.complete(Lane.<V>valueOf(result), failure, direct);
    }

    @SuppressWarnings("unchecked") // an attempt's result is its operation's
    private static <V> V valueOf(Object result) {
        return result == Attempt.NOT_YET ? null : (V) result;
    }

    private Throwable translated(Throwable t) {
        if (!(t instanceof ClosedChannelException)) {
            return t;
        }
        // the channel is open when its output was shut down while the operation waited: the system's error then
        return channel.isOpen() ? new IOException("Broken pipe") : new AsynchronousCloseException();
    }
}
