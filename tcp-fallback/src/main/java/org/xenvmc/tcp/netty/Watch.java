package org.xenvmc.tcp.netty;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import io.netty.util.concurrent.Future;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * The watch over one channel. Interest is set by any thread and takes effect in the loop's thread; while it is 0 the channel is
 * not registered with the loop's selector.
 */
public final class Watch {
    private final IoEventLoop loop;
    private final SocketChannel channel;
    private final WatchLoop.Handler handler;

    // the loop's thread only
    private Registration registration;

    Watch(IoEventLoop loop, SocketChannel channel, WatchLoop.Handler handler) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
    }

    /** Watches for these operations from now on; returns at once. */
    public void interest(int ops) {
        run(() -> apply(ops));
    }

    /**
     * Ends watching: when this returns the handler does not run and will not, and the channel may become blocking. Waits for
     * the loop's thread (microseconds), unless it is the caller.
     */
    public void cancel() {
        Future<?> done = run(() -> apply(0));
        if (done != null) {
            done.awaitUninterruptibly();
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
    public java.util.concurrent.Future<?> after(long delayMs, Runnable task) {
        return loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    private Future<?> run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return null;
        }
        if (loop.isShuttingDown()) {
            return null;
        }
        try {
            return loop.submit(task);
        } catch (java.util.concurrent.RejectedExecutionException e) {
            return null; // the loop ended meanwhile: nothing is watched any more
        }
    }

    private void apply(int ops) {
        if (registration != null && registration.submit(ops)) {
            return;
        }
        registration = null;
        if (ops != 0 && channel.isOpen() && !channel.isBlocking()) {
            Registration fresh = new Registration();
            registration = fresh;
            Future<IoRegistration> registered = loop.register(fresh); // done on return: this is the loop's thread
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
                registration = registration == this ? null : registration;
            } else {
                submit(ops);
            }
        }

        /** Sets the interest; false when a new registration is needed. */
        boolean submit(int ops) {
            wanted = ops;
            try {
                if (io == null || !io.isValid()) {
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
            if (registration == this && key.isValid()) {
                int ops = handler.ready(key.readyOps());
                if (ops != wanted && registration == this) {
                    submit(ops);
                }
            }
        }
    }
}
