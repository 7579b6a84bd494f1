package org.xenvmc.migration.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Finds real data to move: the JDK's own. */
final class DataFile {
    private static final long MOST_BYTES = Integer.MAX_VALUE;

    private DataFile() {}

    /**
     * The file {@code lib/modules} of the running Java, or its biggest file when there is none.
     *
     * @throws IOException when there is no file at all
     */
    static Path find(Path javaHome) throws IOException {
        Path modules = javaHome.resolve("lib").resolve("modules");
        if (Files.isReadable(modules)) {
            return modules;
        }
        try (Stream<Path> files = Files.walk(javaHome)) {
            return files.filter(Files::isRegularFile)
                    .filter(Files::isReadable)
                    .filter(f -> size(f) <= MOST_BYTES)
                    .max(Comparator.comparingLong(DataFile::size))
                    .orElseThrow(() -> new IOException("there is no file in " + javaHome + "; name one with --file"));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Why a file cannot be moved; empty when it can. */
    static String obstacle(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            return "is not a file that can be read";
        }
        long bytes = Files.size(file);
        return bytes < 1 || bytes > MOST_BYTES
                ? "has " + bytes + " bytes; between 1 and " + MOST_BYTES + " are possible"
                : "";
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
