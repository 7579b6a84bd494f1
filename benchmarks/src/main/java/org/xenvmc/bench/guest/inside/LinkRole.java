package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.xenvmc.bench.transport.Endpoint;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.Workload;
import org.xenvmc.bench.workload.WorkloadArguments;
import org.xenvmc.bench.workload.WorkloadKind;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.Path;

/** Commands for figures of a connection between two guests, by the same workloads as between processes. */
final class LinkRole {
    private final Map<Sockets, Endpoint> endpoints = new EnumMap<>(Sockets.class);

    /** One side of a round. */
    @FunctionalInterface
    private interface Side {
        Sample run(Workload workload, Endpoint endpoint, WorkloadArguments arguments) throws IOException;
    }

    void register(Map<String, GuestMain.Command> commands) {
        commands.put("link-listen", c -> {
            LinkTransport transport = new LinkTransport(Sockets.of(c), (int) c.number("port"));
            endpoints.put(Sockets.of(c), Endpoint.server(transport));
            return new JsonObject();
        });
        commands.put("link-accept", c -> open(Sockets.of(c)));
        commands.put("link-connect", c -> {
            LinkTransport transport = new LinkTransport(Sockets.of(c), (int) c.number("port"));
            endpoints.put(Sockets.of(c), Endpoint.client(transport, c.text("address")));
            return open(Sockets.of(c));
        });
        commands.put("link-drive", c -> round(c, Workload::drive));
        commands.put("link-serve", c -> round(c, Workload::serve));
    }

    private JsonObject open(Sockets sockets) throws IOException {
        endpoints.get(sockets).open();
        return new JsonObject();
    }

    private JsonObject round(JsonObject c, Side side) throws IOException {
        Sockets sockets = Sockets.of(c);
        Endpoint endpoint = endpoints.get(sockets);
        Workload workload = WorkloadKind.valueOf(c.text("workload")).create();
        WorkloadArguments arguments =
                new WorkloadArguments(c.number("durationNs"), (int) c.number("sizeBytes"), Map.of());
        JsonObject answer = new JsonObject();
        side.run(workload, endpoint, arguments).fields().forEach(answer::put);
        Path wanted = sockets == Sockets.PLAIN ? Path.TCP : Path.SHARED_MEMORY;
        boolean on = endpoint.transport().isOn(endpoint.channel(), wanted);
        return answer.put("onPath", on).put("path", endpoint.transport().describe(endpoint.channel()));
    }
}
