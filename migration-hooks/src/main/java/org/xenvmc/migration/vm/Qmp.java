package org.xenvmc.migration.vm;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;

/** The little of QEMU's control protocol that starting and ending guests needs. Used by one thread at a time. */
final class Qmp implements Closeable {
    private static final long CONNECT_LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SocketChannel channel;
    private final BufferedReader in;
    private final Writer out;
    private final StringBuilder events = new StringBuilder();

    private Qmp(SocketChannel channel) throws IOException {
        this.channel = channel;
        this.in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        this.out = Channels.newWriter(channel, StandardCharsets.UTF_8);
        read();
        call("qmp_capabilities", null);
    }

    /** Connects; waits for the socket as long as the process lives. */
    static Qmp connect(Path socket, Process qemu) throws IOException {
        return new Qmp(connectTo(socket, qemu));
    }

    static SocketChannel connectTo(Path socket, Process qemu) throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (IOException e) {
                channel.close();
                if (!qemu.isAlive() || System.nanoTime() - startNs > CONNECT_LIMIT_NS) {
                    throw new IOException("QEMU does not listen on " + socket, e);
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private JsonObject read() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("QEMU has closed its control socket");
        }
        return JsonObject.parse(line);
    }

    /** Gives a command and returns the whole answer. */
    JsonObject call(String command, JsonObject arguments) throws IOException {
        JsonObject message = new JsonObject().put("execute", command);
        if (arguments != null) {
            message.put("arguments", arguments);
        }
        out.write(message + "\n");
        out.flush();
        while (true) {
            JsonObject answer = read();
            if (answer.has("event")) {
                events.append(answer).append('\n');
            } else if (answer.has("error")) {
                throw new IOException(command + ": " + answer.object("error").text("desc"));
            } else {
                return answer;
            }
        }
    }

    JsonObject call(String command) throws IOException {
        return call(command, null);
    }

    /** Waits until an event came whose text contains these. Asks for nothing: reads only. */
    void awaitEvent(String name, String detail, long limitNs) throws IOException {
        long startNs = System.nanoTime();
        while (events.toString().lines().noneMatch(l -> l.contains("\"" + name + "\"") && l.contains(detail))) {
            if (System.nanoTime() - startNs > limitNs) {
                throw new IOException("no event " + name + " of " + detail + "; there were: " + events);
            }
            call("query-status"); // events come in front of the answer
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
