package org.xenvmc.migration.cli.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.spi.Launcher;

/** A JVM that is one VM of the demo. It ends with its standard input, hence also when the demo dies. */
final class ChildVm implements AutoCloseable {
    private static final Duration QUIT_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    private static final int KEPT_LINES = 40;
    private static final String OWN_PROPERTIES = "xenvmc.";
    private static final JsonObject ENDED = new JsonObject();

    private final String name;
    private final Process process;
    private final BufferedWriter commands;
    private final BlockingQueue<JsonObject> answers = new LinkedBlockingQueue<>();
    private final Deque<String> said = new ArrayDeque<>(); // guarded by itself
    private volatile Consumer<JsonObject> news = n -> {};

    private ChildVm(String name, Process process) {
        this.name = name;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts a VM on a host. */
    static ChildVm start(String name, String host, List<Path> hosts) throws IOException {
        List<String> command = command(host);
        hosts.forEach(h -> command.add(h.toString()));
        ChildVm vm;
        try {
            vm = new ChildVm(name, new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new IOException("cannot start " + String.join(" ", command) + ": " + e.getMessage(), e);
        }
        vm.pump(vm.process.inputReader(StandardCharsets.UTF_8), vm::answered, () -> vm.answers.add(ENDED));
        vm.pump(vm.process.errorReader(StandardCharsets.UTF_8), vm::keep, () -> {});
        return vm;
    }

    /** The command line: an ordinary program with this library as the provider of its channels. */
    private static List<String> command(String host) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.nio.channels.spi.SelectorProvider=" + VmcSelectorProvider.class.getName());
        for (String property : System.getProperties().stringPropertyNames()) {
            if (property.startsWith(OWN_PROPERTIES) && !property.equals(VmcContext.HOST_DIRECTORY_PROPERTY)) {
                command.add("-D" + property + "=" + System.getProperty(property));
            }
        }
        command.add("-D" + VmcContext.HOST_DIRECTORY_PROPERTY + "=" + host);
        String classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, Launcher.class.getName()));
        }
        command.add("demo-vm");
        return command;
    }

    private void pump(BufferedReader source, Consumer<String> sink, Runnable atEnd) {
        Thread thread = new Thread(
                () -> {
                    try (source) {
                        source.lines().forEach(sink);
                    } catch (IOException | UncheckedIOException e) {
                        keep("(its output could not be read: " + e.getMessage() + ")");
                    } finally {
                        atEnd.run();
                    }
                },
                "demo-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void answered(String line) {
        try {
            JsonObject message = JsonObject.parse(line);
            if (message.has("news")) {
                news.accept(message.object("news"));
            } else {
                answers.add(message);
            }
        } catch (JsonException e) {
            keep(line);
        }
    }

    private void keep(String line) {
        synchronized (said) {
            if (said.size() == KEPT_LINES) {
                said.removeFirst();
            }
            said.addLast(line);
        }
    }

    /** Process id. */
    long pid() {
        return process.pid();
    }

    /** Takes what the VM tells without being asked. Called by a thread of this class. */
    void onNews(Consumer<JsonObject> listener) {
        news = listener;
    }

    /**
     * Tells the VM to do something and waits for its answer. One caller at a time.
     *
     * @throws IOException when it could not, ended, or did not answer in time; the message has what it wrote last
     */
    JsonObject call(JsonObject command, Duration limit) throws IOException {
        try {
            commands.write(command.toString());
            commands.newLine();
            commands.flush();
        } catch (IOException e) {
            throw failure("cannot be told '" + command.text("do") + "': " + e.getMessage(), e);
        }
        JsonObject answer = await(command.text("do"), limit);
        if (answer == ENDED) {
            answers.add(ENDED);
            throw failure("ended unexpectedly during '" + command.text("do") + "'" + exitCode(), null);
        }
        if (answer.has("error")) {
            throw failure("failed to " + command.text("do") + ": " + answer.text("error"), null);
        }
        return answer.object("ok");
    }

    private JsonObject await(String command, Duration limit) throws IOException {
        try {
            JsonObject answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null) {
                throw failure("did not answer '" + command + "' within " + limit.toSeconds() + " s", null);
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for " + name).initCause(e);
        }
    }

    private String exitCode() {
        try {
            return process.waitFor(1, TimeUnit.SECONDS) ? ", exit code " + process.exitValue() : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private IOException failure(String what, Throwable cause) {
        StringBuilder text = new StringBuilder(name + " (pid " + pid() + ") " + what);
        synchronized (said) {
            said.forEach(line -> text.append("\n    ").append(line));
        }
        return new IOException(text.toString(), cause);
    }

    /** Ends the VM politely. */
    void quit() throws IOException {
        call(new JsonObject().put("do", "quit"), QUIT_LIMIT);
        try {
            if (!process.waitFor(QUIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failure("did not end within " + QUIT_LIMIT.toSeconds() + " s", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while " + name + " ends").initCause(e);
        }
        if (process.exitValue() != 0) {
            throw failure("ended with exit code " + process.exitValue(), null);
        }
    }

    /** Ends the VM by force if it has not ended. Idempotent; any thread. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
