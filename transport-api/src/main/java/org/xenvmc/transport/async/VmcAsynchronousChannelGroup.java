package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.CompletionHandler;
import java.nio.channels.Selector;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A group: a selector, the threads that wait for it and run handlers, and the channels. As the JDK's, it runs tasks of an
 * application as well. Thread-safe.
 */
final class VmcAsynchronousChannelGroup extends AsynchronousChannelGroup implements Executor {
    private static final System.Logger LOG = System.getLogger(VmcAsynchronousChannelGroup.class.getName());

    private final VmcAsynchronousChannelProvider provider;
    private final GroupPool pool;
    private final EventQueue events;
    private final ScheduledThreadPoolExecutor timers;
    private final AtomicInteger loops = new AtomicInteger();

    /** Guards {@link #channels} and {@link #shutdown}. Never held while closing or calling an application. */
    private final Object channelsLock = new Object();

    private final Set<GroupChannel> channels = new HashSet<>();
    private volatile boolean shutdown;

    /** Held by the thread that ends the group, so that others that want it wait until it has. */
    private final Object endLock = new Object();

    private boolean ending; // guarded by endLock

    private VmcAsynchronousChannelGroup(VmcAsynchronousChannelProvider provider, GroupPool pool, Selector selector) {
        super(provider);
        this.provider = provider;
        this.pool = pool;
        this.events = new EventQueue(selector);
        timers = new ScheduledThreadPoolExecutor(1, task -> GroupPool.daemon(task, "xenvmc-async-timer"));
        timers.setRemoveOnCancelPolicy(true);
    }

    static VmcAsynchronousChannelGroup start(VmcAsynchronousChannelProvider provider, GroupPool pool)
            throws IOException {
        VmcAsynchronousChannelGroup group = new VmcAsynchronousChannelGroup(
                provider, pool, provider.channels().openSelector());
        group.startLoops();
        return group;
    }

    // -- threads

    private void startLoops() {
        loops.set(pool.eventThreads() + (pool.isFixed() ? 0 : 1));
        if (!pool.isFixed()) {
            startOwnThread(); // the application's threads may all be busy with something else
        }
        for (int i = 0; i < pool.eventThreads(); i++) {
            try {
                startPoolThread();
            } catch (RejectedExecutionException e) {
                loops.decrementAndGet();
                if (pool.isFixed()) {
                    throw e;
                }
            }
        }
    }

    private void startOwnThread() {
        GroupPool.daemon(() -> loop(false), "xenvmc-async-events").start();
    }

    private void startPoolThread() {
        pool.executor().execute(HandlerThread.bind(this, () -> loop(true)));
    }

    private void loop(boolean direct) {
        boolean failed = true;
        try {
            EventQueue.Work work;
            while ((work = events.take()) != null) {
                HandlerThread.begin();
                work.run(direct);
            }
            failed = false;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "a group of asynchronous channels cannot wait for events any more", e);
            failed = false;
        } finally {
            // a handler's exception goes to the thread's own handler; another thread takes its place
            if (!failed || !replaced(direct)) {
                ended();
            }
        }
    }

    private boolean replaced(boolean direct) {
        try {
            if (direct) {
                startPoolThread();
            } else {
                startOwnThread();
            }
            return true;
        } catch (RejectedExecutionException e) {
            return false; // the pool is shut down
        }
    }

    private void ended() {
        if (loops.decrementAndGet() == 0) {
            try {
                events.selector().close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing the selector of a group", e);
            }
        }
    }

    // -- for the channels

    VmcAsynchronousChannelProvider vmcProvider() {
        return provider;
    }

    Selector selector() {
        return events.selector();
    }

    boolean isFixed() {
        return pool.isFixed();
    }

    void add(GroupChannel channel) {
        synchronized (channelsLock) {
            if (shutdown) {
                throw new ShutdownChannelGroupException();
            }
            channels.add(channel);
        }
    }

    /** The channel is closed, and what waited has been completed. */
    void remove(GroupChannel channel) {
        boolean last;
        synchronized (channelsLock) {
            channels.remove(channel);
            last = shutdown && channels.isEmpty();
        }
        if (last) {
            end();
        }
    }

    Future<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return timers.schedule(task, delay, unit);
    }

    /**
     * Invokes a handler.
     *
     * @param direct by this thread, which is one of the group's; otherwise by any of them, later
     * @throws ShutdownChannelGroupException when there are no threads any more
     */
    <V, A> void invoke(
            CompletionHandler<V, ? super A> handler, A attachment, V value, Throwable failure, boolean direct) {
        if (direct) {
            HandlerThread.count();
            invokeNow(handler, attachment, value, failure);
            return;
        }
        try {
            execute(() -> invokeNow(handler, attachment, value, failure));
        } catch (RejectedExecutionException e) {
            if (!HandlerThread.isOf(this)) {
                throw new ShutdownChannelGroupException();
            }
            invokeNow(handler, attachment, value, failure);
        }
    }

    /**
     * Has the task run by one of the group's threads, later.
     *
     * @throws RejectedExecutionException when there are no threads any more
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (pool.isFixed()) {
            events.add(direct -> task.run());
        } else {
            pool.executor().execute(HandlerThread.bind(this, task));
        }
    }

    private static <V, A> void invokeNow(
            CompletionHandler<V, ? super A> handler, A attachment, V value, Throwable failure) {
        if (failure == null) {
            handler.completed(value, attachment);
        } else {
            handler.failed(failure, attachment);
        }
        Thread.interrupted(); // it was for the handler
    }

    // -- the end

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return pool.executor().isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return pool.executor().awaitTermination(timeout, unit);
    }

    @Override
    public void shutdown() {
        boolean last;
        synchronized (channelsLock) {
            last = !shutdown && channels.isEmpty();
            shutdown = true;
        }
        if (last) {
            end();
        }
    }

    @Override
    public void shutdownNow() throws IOException {
        shutdown();
        synchronized (endLock) {
            if (!ending) {
                closeAll(); // one that another thread is closing is the last then, and ends the group
            }
        }
    }

    private void closeAll() {
        List<GroupChannel> open;
        synchronized (channelsLock) {
            open = new ArrayList<>(channels);
        }
        for (GroupChannel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "closing a channel of a group that is shut down", e);
            }
        }
    }

    /** No channel is left: the threads end when they have run the handlers that are due. */
    private void end() {
        synchronized (endLock) {
            if (!ending) {
                ending = true;
                events.close();
                pool.executor().shutdown();
                timers.shutdownNow();
            }
        }
    }
}
