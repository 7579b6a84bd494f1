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

    // under this monitor

    /** Grows with each {@link #cancel}: interest that was shown before does not count any more. */
    private int epoch;
    /** Grows with each call: whether something came after it. */
    private int calls;
    /** Whether the channel is, or is about to be, registered with the loop's selector. */
    private boolean shown;
    /** Whether the handler must not run, although the loop has not taken note yet. */
    private boolean muted;

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
            calls++;
            current = epoch;
        }
        run(() -> applyIn(current, ops));
    }

    /**
     * Ends watching: when this returns the handler does not run and will not. Waits for a handler that is running, but not for
     * the loop's thread to get a processor: a stream stands still meanwhile.
     *
     * @param then run by the loop's thread when it has let go of the channel, which may become blocking then
     * @return true when it has let go already; {@code then} is not run
     */
    public boolean cancel(Runnable then) {
        int current;
        synchronized (this) {
            if (!shown) {
                return true;
            }
            epoch++;
            current = ++calls;
            muted = true;
        }
        return !run(() -> {
            letGo(current);
            then.run();
        });
    }

    private synchronized void letGo(int call) {
        apply(0);
        if (call == calls) {
            shown = false;
        }
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

    /** Returns false when the loop has ended: nothing is watched any more. */
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
            muted = false;
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
                submit(ops);
            }
        }

        /** Sets the interest; false when a new registration is needed. */
        boolean submit(int ops) {
            wanted = ops;
            try {
                if (!io.isValid()) {
                    return false;
                }
                if (ops == 0) {
                    io.cancel();
                    registration = null;
                    return true;
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
                if (registration == this && !muted && key.isValid()) {
                    int ops = handler.ready(key.readyOps());
                    if (ops != wanted && registration == this) {
                        submit(ops);
                    }
                }
            }
        }
    }
}
