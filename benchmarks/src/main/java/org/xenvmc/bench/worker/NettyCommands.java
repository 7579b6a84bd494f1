package org.xenvmc.bench.worker;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.xenvmc.bench.netty.Driver;
import org.xenvmc.bench.netty.NettyEnd;
import org.xenvmc.bench.netty.NettyRoute;
import org.xenvmc.bench.netty.Responder;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.WorkloadArguments;

/** The commands of a worker that measures Netty. */
final class NettyCommands {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private NettyEnd end;
    private final Responder responder = new Responder();
    private final Driver driver = new Driver();

    void register(Map<String, WorkerMain.Command> commands) {
        commands.put("netty.server", this::server);
        commands.put("netty.client", this::client);
        commands.put("netty.serve", this::serve);
        commands.put("netty.drive", this::drive);
        commands.put("netty.check", this::check);
    }

    private static NettyEnd end(Message message) {
        return new NettyEnd(NettyRoute.valueOf(message.text("route")), message.text("host"));
    }

    private Message server(Message message) throws InterruptedException {
        end = end(message);
        return Message.ok().with("address", end.listen(responder));
    }

    private Message client(Message message) throws InterruptedException {
        end = end(message);
        end.connect(Math.toIntExact(message.number("address")), driver);
        return Message.ok();
    }

    private Message serve(Message message) {
        responder.echo(!isStream(message));
        return Message.ok();
    }

    private static boolean isStream(Message message) {
        return message.text("kind").equals("stream");
    }

    private Message drive(Message message) throws Exception {
        WorkloadArguments arguments = WorkloadArguments.of(message);
        CompletableFuture<Sample> running = isStream(message)
                ? driver.stream(arguments.sizeBytes(), arguments.durationNs())
                : driver.roundTrips(arguments.sizeBytes(), arguments.durationNs());
        long limitNs = arguments.durationNs() + LIMIT.toNanos();
        return Message.ok().withAll(running.get(limitNs, TimeUnit.NANOSECONDS).fields());
    }

    private Message check(Message message) throws Exception {
        end.check();
        return Message.ok();
    }
}
