package org.xenvmc.bench;

import java.util.Arrays;
import org.xenvmc.bench.guest.ExperimentCommand;
import picocli.CommandLine;

/** Entry point of {@code xenvmc bench}, and of {@code xenvmc experiment}, whose first argument is that word. */
public final class Main {
    private static final String EXPERIMENT = "experiment";

    private Main() {}

    /** Measures and ends with the exit code of {@link BenchCommand}, or {@link ExperimentCommand}. */
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(EXPERIMENT)) {
            String[] rest = Arrays.copyOfRange(args, 1, args.length);
            System.exit(new CommandLine(new ExperimentCommand()).execute(rest));
        }
        System.exit(new CommandLine(new BenchCommand()).execute(args));
    }
}
