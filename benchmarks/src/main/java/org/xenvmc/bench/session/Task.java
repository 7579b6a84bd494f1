package org.xenvmc.bench.session;

import java.time.Duration;
import java.util.Map;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.WorkloadArguments;
import org.xenvmc.bench.workload.WorkloadKind;

/**
 * The work of a round, apart from what it runs over.
 *
 * @param workload kind of traffic; null where {@link #ofProgram kinds} are the program's own
 * @param sizeBytes size of a request or block
 * @param settings further settings that the workload knows
 */
public record Task(WorkloadKind workload, int sizeBytes, Map<String, String> settings) {
    /** A task without further settings. */
    public static Task of(WorkloadKind workload, int sizeBytes) {
        return new Task(workload, sizeBytes, Map.of());
    }

    /**
     * What a real program, or Netty, is to do again and again.
     *
     * @param kind one of the things that the program's client knows
     * @param sizeBytes size of a payload
     */
    public static Task ofProgram(String kind, int sizeBytes) {
        return new Task(null, sizeBytes, Map.of(ProgramSession.KIND, kind));
    }

    /** The command for one side. */
    Message command(String name, Duration duration) {
        Message command = workload == null ? Message.of(name) : Message.of(name).with("workload", workload);
        return command.with(WorkloadArguments.SIZE_BYTES, sizeBytes)
                .with(WorkloadArguments.DURATION_NS, duration.toNanos())
                .withAll(settings);
    }
}
