package org.xenvmc.migration.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.xenvmc.shm.connection.ControlClient;

/**
 * Asks what may be asked more than once: a question can get lost when it meets a VM that is just joining, or leaving.
 */
public final class Questions {
    private static final Duration FIRST_ATTEMPT = Duration.ofMillis(500);

    private Questions() {}

    /**
     * Asks until there is an answer.
     *
     * @param limit how long to wait in all
     * @throws IOException with the VM's message when it could not do it; when there is no such VM; when it is silent
     */
    public static String ask(ControlClient client, int domId, String command, String argument, Duration limit)
            throws IOException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        Duration attempt = FIRST_ATTEMPT;
        while (true) {
            Duration left = Duration.ofNanos(deadlineNs - System.nanoTime());
            boolean last = left.compareTo(attempt) <= 0;
            try {
                return client.call(domId, command, argument, last && !left.isNegative() ? left : attempt);
            } catch (IOException e) {
                if (!isSilence(e)) {
                    throw e;
                }
                if (last) {
                    throw new IOException(
                            "VM " + domId + " did not answer '" + command + "' within " + limit.toMillis()
                                    + " ms; it is stopped, or very busy",
                            e);
                }
            }
            attempt = attempt.multipliedBy(2);
        }
    }

    /** Whether nothing was answered, in contrast to a refusal. */
    static boolean isSilence(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }
}
