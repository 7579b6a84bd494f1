package org.xenvmc.migration.hook;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.line.JsonLine;

/**
 * The host's end of a control line: each call goes to the VM and comes back as its answer. A VM that is silent, or gone,
 * is answered for with a refusal that says so. Thread-safe.
 */
public final class RemoteHook implements MigrationHook, AutoCloseable {
    /** What carrying out a call may take beside its limit. */
    private static final Duration ALLOWANCE = Duration.ofSeconds(5);

    private final Map<Long, CompletableFuture<JsonObject>> pending = new ConcurrentHashMap<>();
    // answers to the host's end before this one (on another host, say) are not taken for ours
    private final AtomicLong seq = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));
    private volatile Duration limit = MigrationNotice.DEFAULT_LIMIT;
    private volatile IOException ended;
    private JsonLine line;

    private RemoteHook() {}

    /**
     * Connects, and waits until the VM answers.
     *
     * @param socket the Unix-domain socket of QEMU's character device, or a {@link ControlSocket}
     * @throws IOException when nobody listens, or no VM answers within the limit
     */
    public static RemoteHook connect(Path socket, Duration limit) throws IOException {
        return connect(socket, limit, limit);
    }

    /** The same where somebody listens already, or nobody will. */
    static RemoteHook connectAtOnce(Path socket, Duration limit) throws IOException {
        return connect(socket, Duration.ZERO, limit);
    }

    private static RemoteHook connect(Path socket, Duration connectLimit, Duration limit) throws IOException {
        RemoteHook hook = new RemoteHook();
        hook.line = JsonLine.connect(socket, connectLimit, hook.new Inbox());
        try {
            JsonObject answer = hook.greet(limit);
            if (answer.number("version") != HookMessages.VERSION) {
                throw new IOException("the VM behind " + socket + " speaks version " + answer.number("version")
                        + " of the control line, not " + HookMessages.VERSION);
            }
            return hook;
        } catch (IOException | RuntimeException e) {
            hook.close();
            throw e;
        }
    }

    /** A guest's port swallows what comes before the guest has opened it: say it again. */
    private JsonObject greet(Duration atMost) throws IOException {
        long deadlineNs = System.nanoTime() + atMost.toNanos();
        Duration attempt = Duration.ofMillis(250);
        while (true) {
            Duration left = Duration.ofNanos(Math.max(1, deadlineNs - System.nanoTime()));
            try {
                return ask(HookMessages.hello(), left.compareTo(attempt) < 0 ? left : attempt);
            } catch (SilentException e) {
                if (System.nanoTime() - deadlineNs >= 0) {
                    throw new IOException("no VM answers on " + line.path() + " within " + atMost.toMillis()
                            + " ms; is the library running behind it, with a source 'control' or 'socket'?");
                }
            }
        }
    }

    private static final class SilentException extends IOException {
        private static final long serialVersionUID = 1L;

        SilentException(String message) {
            super(message);
        }
    }

    /** Whether the connection still stands. */
    public boolean isConnected() {
        return ended == null;
    }

    @Override
    public Answer prepare(MigrationNotice notice) {
        limit = notice.limit();
        return call(HookMessages.prepare(notice));
    }

    @Override
    public Answer finish(String migrationId) {
        return call(HookMessages.call(HookMessages.FINISH, migrationId));
    }

    @Override
    public Answer aborted(String migrationId) {
        return call(HookMessages.call(HookMessages.ABORTED, migrationId));
    }

    @Override
    public Answer resumed(String migrationId, String newHost) {
        return call(HookMessages.resumed(migrationId, newHost));
    }

    private Answer call(JsonObject call) {
        try {
            return HookMessages.answer(ask(call, limit.plus(ALLOWANCE)));
        } catch (IOException e) {
            return new Answer(false, null, null, e.getMessage());
        }
    }

    private JsonObject ask(JsonObject call, Duration atMost) throws IOException {
        long number = seq.incrementAndGet();
        CompletableFuture<JsonObject> answered = new CompletableFuture<>();
        pending.put(number, answered);
        try {
            if (ended != null) { // set before the pending ones are failed
                throw gone(ended);
            }
            send(call.put("seq", number));
            return answered.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SilentException("the VM behind " + line.path() + " did not answer '" + call.text("call")
                    + "' within " + atMost.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw gone(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the VM behind " + line.path());
        } finally {
            pending.remove(number);
        }
    }

    private void send(JsonObject call) throws IOException {
        try {
            line.send(call);
        } catch (IOException e) {
            throw gone(e); // the line's own thread may not have noticed yet, or just now
        }
    }

    private static IOException gone(Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new IOException("the VM is gone: " + why, cause);
    }

    @Override
    public void close() {
        line.close();
    }

    private final class Inbox implements JsonLine.Receiver {
        @Override
        public void received(JsonObject answer) {
            try {
                CompletableFuture<JsonObject> asked = answer.has("seq") ? pending.get(answer.number("seq")) : null;
                if (asked != null) {
                    asked.complete(answer);
                }
            } catch (JsonException e) {
                // no answer of ours
            }
        }

        @Override
        public void ended(IOException cause) {
            ended = cause;
            pending.values().forEach(p -> p.completeExceptionally(cause));
        }
    }
}
