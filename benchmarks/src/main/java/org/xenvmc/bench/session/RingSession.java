package org.xenvmc.bench.session;

import java.nio.file.Path;
import java.time.Duration;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.WorkloadArguments;

/** A ring between two worker processes. */
final class RingSession extends Session {
    private final RingContender contender;
    private final Path file;

    RingSession(BenchEnvironment environment, String figure, RingContender contender) throws MeasurementException {
        super(environment, figure, contender.name(), contender.jvmArguments());
        this.contender = contender;
        this.file = environment.directory().newPath(contender.name());
    }

    void open() throws MeasurementException {
        // the receiver prepares the memory
        server().call(end("ring.receiver"), LIMIT);
        client().call(end("ring.sender"), LIMIT);
    }

    private Message end(String name) {
        return Message.of(name)
                .with("kind", contender.kind())
                .with("file", file)
                .with("capacityBytes", contender.capacityBytes())
                .with(WorkloadArguments.SIZE_BYTES, contender.blockBytes());
    }

    @Override
    public Round round(Task task, Duration duration) throws MeasurementException {
        return both(task.command("ring.serve", duration), task.command("ring.drive", duration), duration.plus(LIMIT));
    }
}
