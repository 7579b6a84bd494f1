package org.xenvmc.bench.session;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.xenvmc.bench.protocol.Message;

/** One connection of Netty between two worker processes. */
final class NettySession extends Session {
    private static final Duration SETTLING = Duration.ofMillis(200);
    private static final int SETTLINGS = 50;

    private final NettyContender contender;
    private final Path host;

    NettySession(BenchEnvironment environment, String figure, NettyContender contender) throws MeasurementException {
        super(environment, figure, contender.name(), List.of());
        this.contender = contender;
        this.host = environment.directory().newPath(contender.name());
    }

    /** Connects, and has some traffic bring the connection onto its path. */
    void connect() throws MeasurementException {
        Message listening = server().call(end("netty.server"), LIMIT);
        client().call(end("netty.client").with("address", listening.text("address")), LIMIT);
        settle();
    }

    private void settle() throws MeasurementException {
        for (int i = 1; ; i++) {
            drive(Task.ofProgram("rr", 1), SETTLING);
            try {
                check();
                return;
            } catch (MeasurementException e) {
                if (i == SETTLINGS) {
                    throw e;
                }
            }
        }
    }

    private Message end(String name) {
        return Message.of(name).with("route", contender.route()).with("host", host);
    }

    private void check() throws MeasurementException {
        server().call(Message.of("netty.check"), LIMIT);
        client().call(Message.of("netty.check"), LIMIT);
    }

    @Override
    public Round round(Task task, Duration duration) throws MeasurementException {
        Round round = drive(task, duration);
        check();
        return round;
    }

    private Round drive(Task task, Duration duration) throws MeasurementException {
        server().call(task.command("netty.serve", duration), LIMIT);
        return new Round(client().call(task.command("netty.drive", duration), duration.plus(LIMIT)), Message.ok());
    }
}
