package org.xenvmc.migration.contract;

import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.world.Io;

/** A handler that remembers how it was called. */
final class Recorder<V> implements CompletionHandler<V, Object> {
    private final CompletableFuture<V> outcome = new CompletableFuture<>();
    private volatile Object attachment;
    private volatile Thread thread;
    private volatile int calls;

    @Override
    public void completed(V result, Object a) {
        called(a);
        outcome.complete(result);
    }

    @Override
    public void failed(Throwable failure, Object a) {
        called(a);
        outcome.completeExceptionally(failure);
    }

    private synchronized void called(Object a) {
        calls++;
        attachment = a;
        thread = Thread.currentThread();
    }

    boolean wasCalled() {
        return calls > 0;
    }

    /** Waits for the result. */
    V result() throws Exception {
        try {
            return outcome.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the operation failed: " + e.getCause(), e.getCause());
        }
    }

    /** Waits for the failure. */
    Throwable failure() throws Exception {
        try {
            throw new AssertionError("the operation returned " + outcome.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** What came with the result. */
    Object attachment() {
        return attachment;
    }

    /** The thread that called. */
    Thread thread() {
        return thread;
    }

    /** How often it was called; more than once is an error. */
    int calls() {
        return calls;
    }
}
