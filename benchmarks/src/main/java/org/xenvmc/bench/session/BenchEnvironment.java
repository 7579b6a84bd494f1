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
    /** A program holds its payloads in memory. */
    private static final List<String> PROGRAM_ARGUMENTS = List.of("-Xms256m", "-Xmx1g");

    /** Copies the list. */
    public BenchEnvironment {
        forkArguments = List.copyOf(forkArguments);
    }

    /** Starts a worker process. */
    WorkerProcess start(String figure, String contender, String role, List<String> jvmArguments)
            throws MeasurementException {
        return WorkerProcess.start(
                name(figure, contender, role), arguments(JVM_ARGUMENTS, figure, contender, role, jvmArguments));
    }

    /** Starts one end of a real program; what it is, is among the arguments; {@code before} takes it to its network. */
    WorkerProcess startProgram(
            String figure, String contender, String role, List<String> before, List<String> arguments)
            throws MeasurementException {
        return WorkerProcess.launch(
                name(figure, contender, role),
                before,
                arguments(PROGRAM_ARGUMENTS, figure, contender, role, arguments));
    }

    private static String name(String figure, String contender, String role) {
        return figure + "/" + contender + "/" + role;
    }

    private List<String> arguments(
            List<String> first, String figure, String contender, String role, List<String> others) {
        List<String> arguments = new ArrayList<>(first);
        for (String argument : forkArguments) {
            arguments.add(argument.replace("{figure}", figure)
                    .replace("{contender}", contender)
                    .replace("{role}", role));
        }
        arguments.addAll(others);
        return arguments;
    }
}
