package org.xenvmc.bench.session;

import java.util.ArrayList;
import java.util.List;

/**
 * What every measurement of a run needs.
 *
 * @param directory place for files in memory
 * @param forkArguments further arguments for the JVMs that are measured; {@code {figure}}, {@code {contender}} and
 *     {@code {role}} are replaced
 */
public record BenchEnvironment(WorkDirectory directory, List<String> forkArguments) {
    private static final List<String> JVM_ARGUMENTS = List.of("-Xms64m", "-Xmx256m");

    /** Copies the list. */
    public BenchEnvironment {
        forkArguments = List.copyOf(forkArguments);
    }

    /** Starts a worker process. */
    WorkerProcess start(String figure, String contender, String role, List<String> jvmArguments)
            throws MeasurementException {
        List<String> arguments = new ArrayList<>(JVM_ARGUMENTS);
        arguments.addAll(jvmArguments);
        for (String argument : forkArguments) {
            arguments.add(argument.replace("{figure}", figure)
                    .replace("{contender}", contender)
                    .replace("{role}", role));
        }
        return WorkerProcess.start(figure + "/" + contender + "/" + role, arguments);
    }
}
