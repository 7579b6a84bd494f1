package org.xenvmc.bench.session;

import java.time.Duration;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.transport.Transports;
import org.xenvmc.bench.workload.WorkloadKind;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcContext;

/** A connection between two worker processes. */
final class SocketSession extends Session {
    private static final String PATH = "path";
    private static final String LIMIT_MS = "limitMs";

    private final SocketContender contender;
    private final java.nio.file.Path place;
    /** What each round has to run on from beginning to end; empty: not checked. */
    private String path = "";

    SocketSession(BenchEnvironment environment, String figure, SocketContender contender) throws MeasurementException {
        super(environment, figure, contender.name(), contender.jvmArguments());
        this.place = environment.directory().newPath(contender.name());
        this.contender = contender;
    }

    /** Connects and brings the connection onto its path. */
    void connect() throws MeasurementException {
        Message listening = server().call(endpoint("server"), LIMIT);
        client().call(endpoint("client").with("address", listening.text("address")), LIMIT);
        if (contender.path().isEmpty()) {
            return;
        }
        Path wanted = contender.path().get();
        both(Message.of("open"), Message.of("open"), LIMIT);
        if (wanted != Path.TCP) {
            settle(Path.SHARED_MEMORY);
        }
        if (wanted == Path.FRAMED_TCP) {
            server().call(Message.of("leave").with(LIMIT_MS, 5_000), LIMIT);
            settle(Path.FRAMED_TCP);
        }
        path = wanted.name();
        both(Message.of("check").with(PATH, path), Message.of("check").with(PATH, path), LIMIT);
    }

    private Message endpoint(String role) {
        Message message = Message.of(role).with("kind", contender.kind()).withAll(contender.properties());
        return switch (contender.kind()) {
            case JDK -> message;
            case UNIX -> message.with(Transports.SOCKET_PATH, place);
            case VMC -> message.with(VmcContext.HOST_DIRECTORY_PROPERTY, place);
        };
    }

    private void settle(Path wanted) throws MeasurementException {
        Duration limit = contender.settleLimit();
        Message drive = Message.of("settle.drive").with(PATH, wanted).with(LIMIT_MS, limit.toMillis());
        both(Message.of("settle.serve"), drive, limit.plus(LIMIT));
    }

    @Override
    public Round round(Task task, Duration duration) throws MeasurementException {
        // this one changes paths, and waits for each itself
        String checked = task.workload() == WorkloadKind.SWITCH_PAUSES ? "" : path;
        Message serve = task.command("serve", duration).with(PATH, checked);
        Message drive = task.command("drive", duration).with(PATH, checked);
        return both(serve, drive, duration.plus(LIMIT));
    }
}
