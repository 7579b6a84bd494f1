package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of an operation that is not complete. A thread that waits in {@code get} is released by the group's thread
 * that completes the operation, by {@link #cancel}, and by closing the channel.
 */
final class PendingResult<V> implements Future<V> {
    private final AsynchronousChannel channel;
    private final Runnable onCancel;
    private final CompletableFuture<V> result = new CompletableFuture<>();
    private boolean decided; // guarded by this

    /** @param onCancel makes the channel unfit for more operations of the kind, before waiters are released */
    PendingResult(AsynchronousChannel channel, Runnable onCancel) {
        this.channel = channel;
        this.onCancel = onCancel;
    }

    /** Completes it, unless it was cancelled before: then the result is dropped and false returned. */
    boolean complete(V value, Throwable failure) {
        synchronized (this) {
            if (decided) {
                return false;
            }
            decided = true;
        }
        return failure == null ? result.complete(value) : result.completeExceptionally(failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        synchronized (this) {
            if (decided) {
                return false;
            }
            onCancel.run();
            decided = true;
        }
        if (mayInterruptIfRunning) {
            try {
                channel.close();
            } catch (IOException e) {
                // the operation is cancelled all the same
            }
        }
        return result.completeExceptionally(new CancellationException());
    }

    @Override
    public boolean isCancelled() {
        return result.isCancelled();
    }

    @Override
    public boolean isDone() {
        return result.isDone();
    }

    @Override
    public V get() throws InterruptedException, ExecutionException {
        return result.get();
    }

    @Override
    public V get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        return result.get(timeout, unit);
    }
}
