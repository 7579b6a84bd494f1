package org.xenvmc.migration.vm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs short commands of the host. */
final class Shell {
    private static final long LIMIT_S = 120;

    private Shell() {}

    /**
     * Runs a command and returns what it printed, errors included.
     *
     * @throws IOException when it cannot be started, fails, or takes too long; with what it printed
     */
    static String run(List<String> command) throws IOException {
        Path output = Files.createTempFile("xenvmc-vm", ".out");
        try {
            Process p = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            if (!await(p)) {
                p.destroyForcibly();
                throw new IOException(String.join(" ", command) + " takes longer than " + LIMIT_S + " s");
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            if (p.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + " failed (" + p.exitValue() + "): " + text.trim());
            }
            return text;
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static boolean await(Process p) throws InterruptedIOException {
        try {
            return p.waitFor(LIMIT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            p.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a command ran");
        }
    }

    static String run(String... command) throws IOException {
        return run(List.of(command));
    }

    /** A program of the PATH, or where administrators' programs are. */
    static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
        for (String directory : path.split(":")) {
            Path file = Path.of(directory.isEmpty() ? "." : directory, program);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
