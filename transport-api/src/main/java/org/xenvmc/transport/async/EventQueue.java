package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Where the threads of a group get their work. One of those that have nothing to do selects, the others sleep. The thread
 * that has selected runs what it found and selects again, without waking another one for it: as long as handlers are short,
 * that costs less than any change of threads. While there is anything to do one sleeping thread watches: it wakes every
 * millisecond, and selects if the other one is still busy with the same piece of work. So a handler that takes its time
 * keeps the others for a moment only.
 */
final class EventQueue {
    /** Something to do. */
    @FunctionalInterface
    interface Work {
        /** @param direct whether the thread may invoke handlers */
        void run(boolean direct);
    }

    private static final long WATCH_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Selector selector;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition somethingToDo = lock.newCondition();

    // -- guarded by lock
    private final ArrayDeque<Work> queue = new ArrayDeque<>();
    private boolean selecting;
    private int sleeping;
    private boolean watchWanted; // there was work lately
    private boolean watching; // one of those that sleep
    private long taken; // pieces of work so far
    private boolean closed;

    // -- of the selecting thread
    private final ArrayDeque<Work> found = new ArrayDeque<>();
    private final Consumer<SelectionKey> collector = this::collect;

    EventQueue(Selector selector) {
        this.selector = selector;
    }

    Selector selector() {
        return selector;
    }

    /** Takes the next piece of work; blocks until there is one, or, with null, until {@link #close}. */
    Work take() throws IOException {
        lock.lock();
        try {
            while (true) {
                Work work = queue.poll();
                if (work != null) {
                    taken++;
                    callAnother();
                    return work;
                }
                if (closed) {
                    return null;
                }
                if (selecting) {
                    sleep();
                } else {
                    select();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Before this thread is busy: somebody else takes what is left, or watches. */
    private void callAnother() {
        if (sleeping == 0) {
            return;
        }
        if (!queue.isEmpty()) {
            somethingToDo.signal();
        } else if (!selecting && !watching) {
            watchWanted = true;
            somethingToDo.signal();
        }
    }

    private void sleep() {
        sleeping++;
        try {
            if (!watchWanted || watching) {
                somethingToDo.awaitUninterruptibly();
            }
            if (watchWanted && !watching) {
                watching = true;
                watch();
                watching = false;
            }
        } finally {
            sleeping--;
        }
    }

    /** Returns when there is work, when nobody but this thread can select, and when nothing happens any more. */
    private void watch() {
        while (queue.isEmpty() && !closed) {
            long before = taken;
            awaitMoment();
            if (taken == before) {
                watchWanted = !selecting;
                return;
            }
        }
    }

    private void awaitMoment() {
        try {
            somethingToDo.awaitNanos(WATCH_NS);
        } catch (InterruptedException e) {
            // it was for a handler
        }
    }

    private void select() throws IOException {
        selecting = true;
        lock.unlock();
        try {
            Thread.interrupted(); // an interrupt was for a handler; it would keep us from sleeping
            selector.select(collector);
        } catch (ClosedSelectorException e) {
            throw new IOException("the selector of the group was closed", e);
        } finally {
            lock.lock();
            selecting = false;
            queue.addAll(found);
            found.clear();
        }
    }

    private void collect(SelectionKey key) {
        try {
            int ops = key.readyOps();
            key.interestOpsAnd(~ops);
            GroupChannel channel = (GroupChannel) key.attachment();
            found.add(direct -> channel.ready(ops, direct));
        } catch (CancelledKeyException e) {
            // closed meanwhile: its closer completes what waits
        }
    }

    /**
     * Adds work; any thread.
     *
     * @throws RejectedExecutionException after {@link #close}
     */
    void add(Work work) {
        boolean wake;
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException("the group is shut down");
            }
            queue.add(work);
            wake = wakeOne();
        } finally {
            lock.unlock();
        }
        if (wake) {
            selector.wakeup();
        }
    }

    /** Returns whether it has to be the selecting thread, as no other is free. */
    private boolean wakeOne() {
        if (sleeping > 0) {
            somethingToDo.signal();
            return false;
        }
        return selecting;
    }

    /** Lets the threads end when they have done all that is there. */
    void close() {
        lock.lock();
        try {
            closed = true;
            somethingToDo.signalAll();
        } finally {
            lock.unlock();
        }
        selector.wakeup();
    }
}
