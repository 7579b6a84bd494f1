package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.xenvmc.migration.MigrationHook.Answer;

/** A call of a guest, made by a thread of its own, so that the caller can look after the copy until it is answered. */
final class PendingAnswer {
    private final FutureTask<Answer> task;
    private final Thread thread;

    PendingAnswer(Supplier<Answer> call) {
        task = new FutureTask<>(call::get);
        thread = new Thread(task, "xenvmc-migration-call");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits so long for the answer. */
    boolean within(Duration wait) throws IOException {
        try {
            task.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** The answer, which has to be there; or what the call threw. */
    Answer get() throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IOException("the guest could not be called: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("the migration was interrupted");
    }

    /** Waits for the end of the call, which has a limit: the guest's next call must not overtake it. */
    void awaitEnd() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
