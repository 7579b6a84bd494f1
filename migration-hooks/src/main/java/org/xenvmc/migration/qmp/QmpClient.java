package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.line.JsonLine;

/**
 * A line to QEMU's monitor (QMP over a Unix-domain socket). QEMU serves one client at a time: with another one connected
 * {@link #connect} ends with its limit. Thread-safe. Interrupting a thread that waits here ends its wait.
 *
 * <p>Source: QEMU's docs/interop/qmp-spec.
 */
public final class QmpClient implements AutoCloseable {
    private static final Logger LOG = System.getLogger(QmpClient.class.getName());

    private final Duration limit;
    private final CompletableFuture<JsonObject> greeting = new CompletableFuture<>();
    private final Map<String, CompletableFuture<JsonObject>> pending = new ConcurrentHashMap<>();
    private final List<Consumer<QmpEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<EventWait> waits = new CopyOnWriteArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private JsonLine line;
    private volatile IOException ended; // not null once the connection is gone

    private QmpClient(Duration limit) {
        this.limit = limit;
    }

    /**
     * Connects and leaves the state in which QEMU only negotiates.
     *
     * @param limit how long to wait for a connection, for the greeting, and for the answer to any command
     * @throws IOException when nobody listens, QEMU is silent (another client is connected), or this is no QMP socket
     */
    public static QmpClient connect(Path socket, Duration limit) throws IOException {
        QmpClient client = new QmpClient(limit);
        client.line = JsonLine.connect(socket, limit, client.new Inbox());
        try {
            client.await(client.greeting, "greeting (is another client connected to this monitor?)");
            client.execute("qmp_capabilities", new JsonObject());
            return client;
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /** QEMU's version, such as 7.2.22. */
    public String version() throws IOException {
        JsonObject qemu =
                await(greeting, "greeting").object("QMP").object("version").object("qemu");
        return qemu.number("major") + "." + qemu.number("minor") + "." + qemu.number("micro");
    }

    /** Adds a listener for events; called by the reading thread, in order; must not block. */
    public void addListener(Consumer<QmpEvent> listener) {
        listeners.add(listener);
    }

    /** Removes a listener. */
    public void removeListener(Consumer<QmpEvent> listener) {
        listeners.remove(listener);
    }

    /**
     * Carries out a command.
     *
     * @return what it returned; without members when that was nothing, or no object
     * @throws QmpException when QEMU refused it
     * @throws IOException when QEMU is gone or did not answer in time
     */
    public JsonObject execute(String command, JsonObject arguments) throws IOException {
        JsonObject answer = ask(command, arguments);
        try {
            return answer.object("return");
        } catch (JsonException e) {
            return new JsonObject(); // a list, or a number: nobody who asks for those calls this
        }
    }

    /** The same for commands that return text. */
    public String executeText(String command, JsonObject arguments) throws IOException {
        return ask(command, arguments).text("return");
    }

    /** The same for commands that return a list of objects. */
    public List<JsonObject> executeList(String command, JsonObject arguments) throws IOException {
        return ask(command, arguments).objects("return");
    }

    private JsonObject ask(String command, JsonObject arguments) throws IOException {
        String id = "xenvmc-" + ids.incrementAndGet();
        CompletableFuture<JsonObject> answered = new CompletableFuture<>();
        pending.put(id, answered);
        try {
            IOException gone = ended; // set before the pending ones are failed: one of both sees this one
            if (gone != null) {
                throw new IOException("QEMU's monitor is gone: " + gone.getMessage(), gone);
            }
            line.send(new JsonObject()
                    .put("execute", command)
                    .put("arguments", arguments)
                    .put("id", id));
            JsonObject answer = await(answered, "answer to '" + command + "'");
            if (answer.has("error")) {
                JsonObject error = answer.object("error");
                throw new QmpException(command, error.text("class", ""), error.text("desc", ""));
            }
            return answer;
        } finally {
            pending.remove(id);
        }
    }

    /** Watches for an event from now on. Close it, waited for or not. */
    public EventWait expect(Predicate<QmpEvent> wanted) {
        return new EventWait(wanted);
    }

    /** Waits for one event. */
    public final class EventWait implements AutoCloseable {
        private final CompletableFuture<QmpEvent> found = new CompletableFuture<>();
        private final Consumer<QmpEvent> listener;

        private EventWait(Predicate<QmpEvent> wanted) {
            listener = event -> {
                if (wanted.test(event)) {
                    found.complete(event);
                }
            };
            waits.add(this);
            addListener(listener);
            if (ended != null) {
                found.completeExceptionally(ended);
            }
        }

        /** The event; waits at most this long for it. */
        public QmpEvent await(Duration atMost) throws IOException {
            return QmpClient.await(found, "event", atMost);
        }

        @Override
        public void close() {
            removeListener(listener);
            waits.remove(this);
        }
    }

    private <T> T await(CompletableFuture<T> future, String what) throws IOException {
        return await(future, what, limit);
    }

    private static <T> T await(CompletableFuture<T> future, String what, Duration atMost) throws IOException {
        try {
            return future.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("QEMU sent no " + what + " within " + atMost.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException("QEMU's monitor is gone: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for QEMU's " + what).initCause(e);
        }
    }

    @Override
    public void close() {
        line.close();
    }

    private final class Inbox implements JsonLine.Receiver {
        @Override
        public void received(JsonObject object) {
            try {
                if (object.has("event")) {
                    event(object);
                } else if (object.has("QMP")) {
                    greeting.complete(object);
                } else {
                    CompletableFuture<JsonObject> answered = pending.get(object.text("id", ""));
                    if (answered != null) { // else its asker has given up
                        answered.complete(object);
                    }
                }
            } catch (JsonException e) {
                LOG.log(Level.WARNING, "QEMU sent what QMP does not have: {0}", e.getMessage());
            }
        }

        private void event(JsonObject object) throws JsonException {
            JsonObject data = object.has("data") ? object.object("data") : new JsonObject();
            long timeMs = 0;
            if (object.has("timestamp")) {
                JsonObject stamp = object.object("timestamp");
                timeMs = stamp.number("seconds") * 1000 + stamp.number("microseconds") / 1000;
            }
            QmpEvent event = new QmpEvent(object.text("event"), data, timeMs);
            for (Consumer<QmpEvent> listener : listeners) {
                try {
                    listener.accept(event);
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "a listener failed on " + event, e);
                }
            }
        }

        @Override
        public void ended(IOException cause) {
            ended = cause;
            greeting.completeExceptionally(cause);
            pending.values().forEach(p -> p.completeExceptionally(cause));
            waits.forEach(w -> w.found.completeExceptionally(cause));
        }
    }
}
