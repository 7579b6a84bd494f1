package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.Channel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** One operation: what to try, and who is told of the result: a handler, or else a future. */
final class Operation<V, A> {
    private final VmcAsynchronousChannelGroup group;
    private final CompletionHandler<V, ? super A> handler;
    private final A attachment;

    private Attempt attempt;
    private PendingResult<V> future; // before the operation is pending, if there is no handler

    // -- guarded by the lane
    Future<?> timer;
    boolean expired; // while it was being tried

    /** @param handler null for a future */
    Operation(VmcAsynchronousChannelGroup group, CompletionHandler<V, ? super A> handler, A attachment) {
        this.group = group;
        this.handler = handler;
        this.attachment = attachment;
    }

    Operation<V, A> trying(Attempt toTry) {
        attempt = toTry;
        return this;
    }

    Attempt attempt() {
        return attempt;
    }

    boolean hasHandler() {
        return handler != null;
    }

    /** The operation is about to wait. Returns what the initiator gets. */
    Future<V> suspended(AsynchronousChannel channel, Runnable onCancel) {
        if (handler == null) {
            future = new PendingResult<>(channel, onCancel);
        }
        return future;
    }

    /** Completes an operation that never waited. */
    Future<V> completedAtOnce(V value, Throwable failure, boolean direct) {
        if (handler == null) {
            return failure == null ? CompletableFuture.completedFuture(value) : CompletableFuture.failedFuture(failure);
        }
        group.invoke(handler, attachment, value, failure, direct);
        return null;
    }

    /** As {@link #completedAtOnce}, in this thread if it is one of the group's that has not invoked too many. */
    Future<V> completedAtOnce(V value, Throwable failure) {
        return completedAtOnce(value, failure, HandlerThread.mayInvoke(group));
    }

    /** Completes an operation that waited. */
    void complete(V value, Throwable failure, boolean direct) {
        if (handler != null) {
            group.invoke(handler, attachment, value, failure, direct);
        } else if (!future.complete(value, failure) && value instanceof Channel) {
            closeDropped((Channel) value);
        }
    }

    /** A connection that was accepted for a future that is cancelled: nobody will ever get it. */
    private static void closeDropped(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(Operation.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a connection whose accept was cancelled", e);
        }
    }
}
