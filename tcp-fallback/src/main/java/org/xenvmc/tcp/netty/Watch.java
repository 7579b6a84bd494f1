package org.xenvmc.tcp.netty;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The watch over one channel. Interest is set by any thread and takes effect in the loop's thread; while it is 0 the channel is
 * not registered with the loop's selector.
 */
public final class Watch {
    private final IoEventLoop loop;
    private final SocketChannel channel;
    private final WatchLoop.Handler handler;

    /** Grows with each {@link #cancel}: what was begun before does not count any more. Under this monitor. */
    private int epoch;
    /** Whether interest was shown since the last cancel. Under this monitor. */
    private boolean shown;
    /** Whether the channel may be registered with the loop's selector, now or soon. Under this monitor. */
    private boolean engaged;
    /** The registration of the selector; the loop's, except when the loop has ended. Under this monitor. */
    private SelectionKey key;

    // the loop's thread only
    private Registration registration;

    Watch(IoEventLoop loop, SocketChannel channel, WatchLoop.Handler handler) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
    }

    /** Watches for these operations from now on; returns at once. */
    public void interest(int ops) {
        int current;
        synchronized (this) {
            if (ops == 0 && !shown) {
                return;
            }
            shown = true;
            engaged |= ops != 0;
            current = epoch;
        }
        run(() -> applyIn(current, ops));
    }

    /**
     * Ends watching: when this returns the handler does not run and will not. Waits for a handler that is running, but not for
     * the loop's thread to get a processor: a stream stands still meanwhile. The loop lets go of the channel when it comes
     * to it (cancelling its key behind its back would end a selection of its own with an exception); until then the channel
     * cannot become blocking.
     *
     * @param released called in the loop's thread when the channel can become blocking, unless interest is shown before
     * @return false when it can at once: then nothing is called
     */
    public boolean cancel(Runnable released) {
        int current;
        synchronized (this) {
            if (!engaged) {
                return false;
            }
            shown = false;
            epoch++;
            current = epoch;
        }
        if (run(() -> release(current, released))) {
            return true;
        }
        synchronized (this) { // the loop has ended, or is about to
            engaged = false;
            if (key != null) {
                key.cancel();
            }
        }
        return false;
    }

    private void release(int cancelledIn, Runnable released) {
        synchronized (this) {
            if (cancelledIn != epoch || shown) {
                return;
            }
            apply(0);
            engaged = false;
        }
        released.run();
    }

    /** Runs a task in the loop's thread, at once if that is the caller, unless the loop ends before. */
    public void execute(Runnable task) {
        run(task);
    }

    /**
     * Runs a task in the loop's thread after a time, unless the loop ends before.
     *
     * @return cancels the task
     */
    public Future<?> after(long delayMs, Runnable task) {
        return loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    /** Returns whether the task was or will be run: not when the loop has ended, and nothing is watched any more. */
    private boolean run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return true;
        }
        if (loop.isShuttingDown()) {
            return false;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private synchronized void applyIn(int shownIn, int ops) {
        if (shownIn == epoch) {
            apply(ops);
        }
    }

    private synchronized void apply(int ops) {
        if (registration != null && registration.submit(ops)) {
            return;
        }
        registration = null;
        if (ops != 0 && channel.isOpen() && !channel.isBlocking()) {
            Registration fresh = new Registration();
            registration = fresh;
            var registered = loop.register(fresh); // done on return: this is the loop's thread
            fresh.registered(registered.isSuccess() ? registered.getNow() : null, ops);
        }
    }

    private final class Registration extends NioSelectableChannelIoHandle<SocketChannel> {
        private IoRegistration io;
        private int wanted;

        Registration() {
            super(Watch.this.channel);
        }

        void registered(IoRegistration io, int ops) {
            this.io = io;
            if (io == null) {
                registration = null;
            } else {
                key = io.attachment();
                submit(ops);
            }
        }

        /** Sets the interest; false when a new registration is needed. */
        boolean submit(int ops) {
            wanted = ops;
            try {
                if (ops == 0) {
                    io.cancel(); // also when the key is cancelled already: the loop counts
                    registration = null;
                    return true;
                }
                if (!io.isValid()) {
                    return false;
                }
                io.submit(NioIoOps.valueOf(ops));
                return true;
            } catch (CancelledKeyException e) {
                return false; // the channel was closed
            }
        }

        /** The loop ends: the channel is the application's and stays open. */
        @Override
        public void close() {}

        @Override
        protected void handle(SocketChannel ready, SelectionKey key) {
            synchronized (Watch.this) { // cancel waits for this
                if (shown && registration == this && key.isValid()) {
                    int ops = handler.ready(key.readyOps());
                    if (ops != wanted && registration == this) {
                        submit(ops);
                    }
                }
            }
        }
    }
}
