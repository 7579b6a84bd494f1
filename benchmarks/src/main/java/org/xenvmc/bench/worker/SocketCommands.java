package org.xenvmc.bench.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.transport.Endpoint;
import org.xenvmc.bench.transport.Transport;
import org.xenvmc.bench.transport.TransportKind;
import org.xenvmc.bench.transport.Transports;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.Workload;
import org.xenvmc.bench.workload.WorkloadArguments;
import org.xenvmc.bench.workload.WorkloadKind;
import org.xenvmc.transport.Path;

/** The commands of a worker that measures connections. */
final class SocketCommands {
    private static final String ADDRESS = "address";
    private static final String PATH = "path";
    private static final String LIMIT_MS = "limitMs";

    private Endpoint endpoint;

    /** One side of a round. */
    @FunctionalInterface
    private interface Side {
        Sample run(Workload workload, WorkloadArguments arguments) throws IOException;
    }

    void register(Map<String, WorkerMain.Command> commands) {
        commands.put("server", this::server);
        commands.put("client", this::client);
        commands.put("open", this::open);
        commands.put("settle.drive", this::settleDrive);
        commands.put("settle.serve", this::settleServe);
        commands.put("check", this::check);
        commands.put("leave", this::leave);
        commands.put("drive", m -> round(m, (w, a) -> w.drive(endpoint, a)));
        commands.put("serve", m -> round(m, (w, a) -> w.serve(endpoint, a)));
        commands.put("close", this::close);
    }

    private Message server(Message message) throws IOException {
        endpoint = Endpoint.server(transport(message));
        return Message.ok().with(ADDRESS, endpoint.address());
    }

    private Message client(Message message) {
        endpoint = Endpoint.client(transport(message), message.text(ADDRESS));
        return Message.ok();
    }

    private static Transport transport(Message message) {
        return Transports.create(TransportKind.valueOf(message.text("kind")), message.fields());
    }

    private Message open(Message message) throws IOException {
        endpoint.open();
        return Message.ok();
    }

    private Message settleDrive(Message message) throws IOException {
        long limitNs = Duration.ofMillis(message.number(LIMIT_MS)).toNanos();
        Settling.drive(endpoint, Path.valueOf(message.text(PATH)), limitNs);
        return Message.ok();
    }

    private Message settleServe(Message message) throws IOException {
        Settling.serve(endpoint);
        return Message.ok();
    }

    private Message check(Message message) throws IOException {
        checkPath(message);
        return Message.ok();
    }

    private Message leave(Message message) throws IOException {
        endpoint.transport().leaveHost(Duration.ofMillis(message.number(LIMIT_MS)));
        return Message.ok();
    }

    private Message round(Message message, Side side) throws IOException {
        Workload workload = WorkloadKind.valueOf(message.text("workload")).create();
        boolean over = false;
        try {
            checkPath(message);
            Sample sample = side.run(workload, WorkloadArguments.of(message));
            checkPath(message);
            over = true;
            return Message.ok().withAll(sample.fields());
        } catch (IOException e) {
            throw new IOException(e.getMessage() + " [" + state() + "]", e);
        } finally {
            if (!over) {
                // so that the other side does not wait for this one
                endpoint.close();
            }
        }
    }

    private String state() {
        try {
            return endpoint.channel() == null
                    ? "a connection per operation"
                    : endpoint.transport().describe(endpoint.channel());
        } catch (IOException | RuntimeException e) {
            return "path unknown: " + e;
        }
    }

    /** A figure that was measured on another path than its name says would be a lie. */
    private void checkPath(Message message) throws IOException {
        String expected = message.text(PATH, "");
        if (!expected.isEmpty() && !endpoint.transport().isOn(endpoint.channel(), Path.valueOf(expected))) {
            throw new IOException("the connection is not on " + expected + ": "
                    + endpoint.transport().describe(endpoint.channel()));
        }
    }

    private Message close(Message message) throws IOException {
        endpoint.close();
        return Message.ok();
    }
}
