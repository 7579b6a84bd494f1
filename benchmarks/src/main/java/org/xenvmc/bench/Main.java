package org.xenvmc.bench;

import picocli.CommandLine;

/** Entry point of {@code xenvmc bench}. */
public final class Main {
    private Main() {}

    /** Measures and ends with the exit code of {@link BenchCommand}. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCommand()).execute(args));
    }
}
