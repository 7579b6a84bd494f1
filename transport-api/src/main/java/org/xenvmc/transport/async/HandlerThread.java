package org.xenvmc.transport.async;

import java.nio.channels.AsynchronousChannelGroup;

/**
 * Which group a thread runs handlers for, and how many it has invoked since it took its last task: a handler may be
 * invoked by the thread that initiated the operation only if that is one of the group's, and not too often in a row, so
 * that neither the stack nor the patience of other channels runs out.
 */
final class HandlerThread {
    private static final int MOST_INVOCATIONS = Integer.getInteger("sun.nio.ch.maxCompletionHandlersOnStack", 16);
    private static final ThreadLocal<HandlerThread> CURRENT = new ThreadLocal<>();

    private final AsynchronousChannelGroup group;
    private int invocations;

    private HandlerThread(AsynchronousChannelGroup group) {
        this.group = group;
    }

    /** The task, for a thread that becomes one of the group's by it. */
    static Runnable bind(AsynchronousChannelGroup group, Runnable task) {
        return () -> {
            HandlerThread current = CURRENT.get();
            if (current == null || current.group != group) {
                CURRENT.set(new HandlerThread(group));
            }
            begin();
            task.run();
        };
    }

    /** The thread takes a new task. */
    static void begin() {
        HandlerThread current = CURRENT.get();
        if (current != null) {
            current.invocations = 0;
        }
    }

    static boolean isOf(AsynchronousChannelGroup group) {
        HandlerThread current = CURRENT.get();
        return current != null && current.group == group;
    }

    /** Whether this thread may invoke one more handler of the group now. */
    static boolean mayInvoke(AsynchronousChannelGroup group) {
        HandlerThread current = CURRENT.get();
        return current != null && current.group == group && current.invocations < MOST_INVOCATIONS;
    }

    /** This thread invokes a handler. */
    static void count() {
        HandlerThread current = CURRENT.get();
        if (current != null) {
            current.invocations++;
        }
    }
}
