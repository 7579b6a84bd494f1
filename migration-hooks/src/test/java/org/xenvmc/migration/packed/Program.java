package org.xenvmc.migration.packed;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A process, the lines it has said, and a way to let it go on. Killed at the end. */
final class Program implements AutoCloseable {
    static final int AGAIN = '+';
    private static final int LIMIT_S = 60;

    private final Process process;
    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> reading;

    private Program(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        reading = CompletableFuture.runAsync(() -> out.lines().forEach(said::add), r -> {
            Thread t = new Thread(r, "test-program-output");
            t.setDaemon(true);
            t.start();
        });
    }

    static Program start(List<String> command) throws IOException {
        return new Program(command);
    }

    /** A JVM like this one. */
    static Program java(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(arguments);
        return start(command);
    }

    long pid() {
        return process.pid();
    }

    /** Everything it said so far, errors included. */
    List<String> said() {
        synchronized (said) {
            return List.copyOf(said);
        }
    }

    /** Waits for a line that begins so; returns the rest of it. */
    String await(String prefix) {
        Predicate<String> wanted = line -> line.startsWith(prefix);
        Awaitility.await("line " + prefix).atMost(LIMIT_S, TimeUnit.SECONDS).until(() -> {
            if (said().stream().noneMatch(wanted) && reading.isDone()) {
                throw new AssertionError("it ended without " + prefix + ": " + said());
            }
            return said().stream().anyMatch(wanted);
        });
        return said().stream().filter(wanted).findFirst().orElseThrow().substring(prefix.length());
    }

    /** The rest of each line that began so, so far. */
    List<String> all(String prefix) {
        return said().stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    /** Gives it the line it waits for. */
    void goOn() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Has it do once more what it did, up to the line that it ends it with. */
    void again(String end) throws IOException {
        long before = count(end);
        process.getOutputStream().write(AGAIN);
        process.getOutputStream().flush();
        Awaitility.await("another line " + end)
                .atMost(LIMIT_S, TimeUnit.SECONDS)
                .until(() -> count(end) > before);
    }

    private long count(String line) {
        return said().stream().filter(line::equals).count();
    }

    /** Waits for its end; returns its exit code. */
    int exitCode() throws Exception {
        if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end; it said: " + said());
        }
        reading.get(LIMIT_S, TimeUnit.SECONDS);
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
