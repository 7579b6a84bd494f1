package org.xenvmc.bench.workload;

import java.util.Map;
import org.xenvmc.bench.protocol.Message;

/**
 * What a round is asked to do.
 *
 * @param durationNs how long it is to last, in nanoseconds
 * @param sizeBytes size of a request or block, in bytes
 * @param settings all fields of the command, for what only one workload needs
 */
public record WorkloadArguments(long durationNs, int sizeBytes, Map<String, String> settings) {
    /** Field with {@link #durationNs}. */
    public static final String DURATION_NS = "durationNs";
    /** Field with {@link #sizeBytes}. */
    public static final String SIZE_BYTES = "sizeBytes";

    /** Takes the arguments out of a command. */
    public static WorkloadArguments of(Message command) {
        return new WorkloadArguments(
                command.number(DURATION_NS), Math.toIntExact(command.number(SIZE_BYTES)), command.fields());
    }

    /** A setting that only one workload knows, or its default. */
    public long setting(String name, long otherwise) {
        String value = settings.get(name);
        return value == null ? otherwise : Long.parseLong(value);
    }
}
