package org.xenvmc.shm.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one thread that changes the state of a connection manager; there while there is work, and for a while after. */
final class ManagerThread {
    private static final Logger LOG = System.getLogger(ManagerThread.class.getName());
    private static final long KEEP_ALIVE_S = 10;
    private static final long END_LIMIT_S = 5;

    private final ScheduledThreadPoolExecutor executor;

    ManagerThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, ManagerThreads.named(name));
        executor.setKeepAliveTime(KEEP_ALIVE_S, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs the task after a time, unless the thread ends before. */
    void schedule(Runnable task, long delayMs) {
        try {
            executor.schedule(guarded(task), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closed: a task is dropped");
        }
    }

    /** Runs the task after those that came before, unless the thread ends before. */
    void execute(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closed: a task is dropped");
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a task of the connection manager failed", e);
            }
        };
    }

    /**
     * Runs the task and waits for its result.
     *
     * @throws IOException what the task threw; or there was no answer within the limit, the caller was interrupted, the thread has
     *     ended
     */
    <T> T call(Callable<T> task, Duration limit) throws IOException {
        try {
            return executor.submit(task).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the connection manager did not answer within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for the manager").initCause(e);
        } catch (RejectedExecutionException e) {
            throw new IOException("this VM is closed", e);
        }
    }

    /** Ends the thread after its present task, and waits for that, for a while. */
    void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(END_LIMIT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
