package org.xenvmc.migration.qmp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * A QEMU that can do nothing but speak QMP, as the specification says: a greeting, no command before {@code
 * qmp_capabilities}, answers with the id of the command, events in between, one client at a time. What commands return, and
 * what follows from them, is scripted; the same words are used in tests with the real one.
 */
public final class ScriptedQemu implements AutoCloseable {
    /** What a command does: returns what it answers with, or throws what it refuses with. */
    @FunctionalInterface
    public interface Script {
        Object run(JsonObject arguments) throws Refusal, JsonException;
    }

    /** QEMU's answer with an error. */
    public static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        public Refusal(String description) {
            super(description);
        }
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private volatile SocketChannel client;
    private volatile SocketChannel out;

    /** Commands in order, with their arguments. */
    public final List<String> commands = new CopyOnWriteArrayList<>();

    public ScriptedQemu(Path path) throws IOException {
        this.path = path;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path), 1);
        Thread thread = new Thread(this::serve, "scripted-qemu");
        thread.setDaemon(true);
        thread.start();
    }

    public Path path() {
        return path;
    }

    /** What a command does from now on. */
    public ScriptedQemu on(String command, Script script) {
        scripts.put(command, script);
        return this;
    }

    private void serve() {
        try {
            while (true) {
                try (SocketChannel accepted = server.accept()) {
                    client = accepted;
                    serve(accepted);
                } finally {
                    out = null;
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        out = channel;
        send(JsonObject.parse("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "
                + "\"package\": \"Debian 1:7.2+dfsg-7\"}, \"capabilities\": [\"oob\"]}}"));
        BufferedReader in =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
        boolean negotiating = true;
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonObject request = JsonObject.parse(line);
                String command = request.text("execute");
                JsonObject arguments = request.has("arguments") ? request.object("arguments") : new JsonObject();
                if (negotiating != command.equals("qmp_capabilities")) {
                    String words = negotiating
                            ? "Expecting capabilities negotiation with 'qmp_capabilities'"
                            : "Capabilities negotiation is already complete, command ignored";
                    refuse(request, "CommandNotFound", words);
                    continue;
                }
                commands.add(arguments.toString().equals("{}") ? command : command + " " + arguments);
                if (negotiating) {
                    negotiating = false;
                    answer(request, new JsonObject());
                } else {
                    carryOut(request, command, arguments);
                }
            }
        } catch (IOException e) {
            // this client is gone; there may be another one
        }
    }

    private void carryOut(JsonObject request, String command, JsonObject arguments) throws IOException {
        Script script = scripts.get(command);
        if (script == null) {
            refuse(request, "CommandNotFound", "The command " + command + " has not been found");
            return;
        }
        try {
            answer(request, script.run(arguments));
        } catch (Refusal e) {
            refuse(request, "GenericError", e.getMessage());
        }
    }

    private void answer(JsonObject request, Object value) throws IOException {
        send(new JsonObject()
                .put("return", value == null ? new JsonObject() : value)
                .put("id", request.text("id")));
    }

    private void refuse(JsonObject request, String kind, String description) throws IOException {
        JsonObject error = new JsonObject().put("class", kind).put("desc", description);
        send(new JsonObject().put("id", request.text("id", "")).put("error", error));
    }

    /** Reports an event, to the client that is connected. */
    public void event(String name, JsonObject data) {
        try {
            JsonObject stamp = new JsonObject().put("seconds", 1_700_000_000L).put("microseconds", 123_456);
            send(new JsonObject().put("timestamp", stamp).put("event", name).put("data", data));
        } catch (IOException e) {
            // nobody hears it
        }
    }

    private synchronized void send(JsonObject object) throws IOException {
        SocketChannel to = out; // not as a stream: JDK 17 locks a channel's streams against each other
        if (to != null) {
            ByteBuffer line = ByteBuffer.wrap((object + "\r\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                to.write(line);
            }
        }
    }

    /** QEMU dies: its client's connection ends. */
    public void die() throws IOException {
        server.close();
        SocketChannel connected = client;
        if (connected != null) {
            connected.close();
        }
    }

    @Override
    public void close() throws IOException {
        die();
    }
}
