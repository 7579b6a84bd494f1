package org.xenvmc.migration.world;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** An operation in a thread of its own, which may block there. Every wait for it has a limit. */
public final class Background<T> {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SAMPLES = 4;

    private final FutureTask<T> task;
    private final Thread thread;

    private Background(Callable<T> operation) {
        task = new FutureTask<>(operation);
        thread = new Thread(task, "test-background");
        thread.setDaemon(true);
    }

    /** Starts the operation. */
    public static <T> Background<T> start(Callable<T> operation) {
        Background<T> b = new Background<>(operation);
        b.thread.start();
        return b;
    }

    /** Starts an operation without a result. */
    public static Background<Void> run(Action operation) {
        return start(() -> {
            operation.run();
            return null;
        });
    }

    /** An operation without a result. */
    @FunctionalInterface
    public interface Action {
        /** Runs it. */
        void run() throws Exception;
    }

    /**
     * Waits until the thread is inside the channel's (or stream's, or selector's) method, and stays there for some
     * samples.
     */
    public Background<T> insideOf(String method) {
        int[] seen = {0};
        Awaitility.await("thread inside " + method)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    if (task.isDone()) {
                        throw new AssertionError("the operation ended instead of blocking: " + outcome());
                    }
                    seen[0] = isInside(method) ? seen[0] + 1 : 0;
                    return seen[0] == SAMPLES;
                });
        return this;
    }

    private boolean isInside(String method) {
        return Arrays.stream(thread.getStackTrace())
                .filter(f -> !f.getClassName().contains(".migration."))
                .anyMatch(f -> f.getMethodName().equals(method));
    }

    private String outcome() throws InterruptedException {
        try {
            return "returned " + task.get();
        } catch (ExecutionException e) {
            return "threw " + e.getCause();
        }
    }

    /** Interrupts the thread. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Whether the operation has ended. */
    public boolean done() {
        return task.isDone();
    }

    /** The result; what the operation threw comes as the cause of an AssertionError. */
    public T result() throws Exception {
        try {
            return await();
        } catch (ExecutionException e) {
            throw new AssertionError("the operation failed: " + e.getCause(), e.getCause());
        }
    }

    /** What the operation threw; an AssertionError if it returned. */
    public Throwable failure() throws Exception {
        try {
            throw new AssertionError("the operation returned " + await());
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private T await() throws ExecutionException, InterruptedException {
        try {
            return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            AssertionError error = new AssertionError("the operation is still running after " + LIMIT);
            error.setStackTrace(thread.getStackTrace());
            thread.interrupt();
            throw error;
        }
    }
}
