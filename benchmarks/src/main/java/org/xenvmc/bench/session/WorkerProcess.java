package org.xenvmc.bench.session;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.worker.WorkerMain;

/**
 * A child JVM with the driver's class path that carries out commands, one at a time. It ends when its standard input
 * does, hence also when the driver dies. Used by one thread.
 */
public final class WorkerProcess implements AutoCloseable {
    private static final Duration QUIT_LIMIT = Duration.ofSeconds(5);
    private static final int KEPT_ERROR_LINES = 30;

    private final String name;
    private final Process process;
    private final BufferedWriter commands;
    /** Answers; an empty one means that the worker's output ended. */
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();

    private final Deque<String> errors = new ArrayDeque<>();

    private WorkerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts a worker.
     *
     * @param name shown in messages and as the thread's name
     * @param jvmArguments arguments of its JVM, the class path apart
     */
    public static WorkerProcess start(String name, List<String> jvmArguments) throws MeasurementException {
        return piped(name, startJvm(jvmArguments, WorkerMain.class, List.of(name), ProcessBuilder.Redirect.PIPE));
    }

    /**
     * Starts a JVM that understands commands as a worker does, but is another program.
     *
     * @param name shown in messages
     * @param before what stands before the command of the JVM
     * @param arguments all of its arguments: options, class path, main class
     */
    static WorkerProcess launch(String name, List<String> before, List<String> arguments) throws MeasurementException {
        return piped(name, startJvm(before, arguments, ProcessBuilder.Redirect.PIPE));
    }

    private static WorkerProcess piped(String name, Process process) {
        WorkerProcess worker = new WorkerProcess(name, process);
        worker.pump(process.inputReader(StandardCharsets.UTF_8), "out", worker::output);
        worker.pump(process.errorReader(StandardCharsets.UTF_8), "err", worker::keepError);
        return worker;
    }

    static Process startJvm(
            List<String> jvmArguments, Class<?> main, List<String> arguments, ProcessBuilder.Redirect errors)
            throws MeasurementException {
        List<String> all = new ArrayList<>(jvmArguments);
        all.add("-cp");
        all.add(System.getProperty("java.class.path"));
        all.add(main.getName());
        all.addAll(arguments);
        return startJvm(List.of(), all, errors);
    }

    private static Process startJvm(List<String> before, List<String> arguments, ProcessBuilder.Redirect errors)
            throws MeasurementException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command).redirectError(errors).start();
        } catch (IOException e) {
            throw new MeasurementException("cannot start " + String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }

    private void pump(BufferedReader source, String what, Consumer<String> sink) {
        Thread thread = new Thread(
                () -> {
                    try (source) {
                        source.lines().forEach(sink);
                    } catch (IOException | UncheckedIOException e) {
                        keepError("(its output could not be read: " + e.getMessage() + ")");
                    } finally {
                        if (what.equals("out")) {
                            answers.add(Optional.empty());
                        }
                    }
                },
                name + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void output(String line) {
        if (line.startsWith(Message.ANSWER_MARK)) {
            answers.add(Optional.of(line.substring(Message.ANSWER_MARK.length())));
        } else {
            keepError(line);
        }
    }

    private void keepError(String line) {
        synchronized (errors) {
            if (errors.size() == KEPT_ERROR_LINES) {
                errors.removeFirst();
            }
            errors.addLast(line);
        }
    }

    /** Process id. */
    public long pid() {
        return process.pid();
    }

    /** Sends a command; its answer has to be awaited before the next. */
    public void send(Message command) throws MeasurementException {
        try {
            commands.write(command.encode());
            commands.newLine();
            commands.flush();
        } catch (IOException e) {
            throw failure("cannot be told '" + command.name() + "' (" + e.getMessage() + ")");
        }
    }

    /**
     * Waits for the answer to the last command.
     *
     * @throws MeasurementException when the worker reports an error, ends, or does not answer within the limit
     */
    public Message await(Duration limit) throws MeasurementException {
        Optional<String> line = poll(limit);
        if (line == null) {
            throw failure("did not answer within " + limit.toMillis() + " ms");
        }
        if (line.isEmpty()) {
            throw failure("ended unexpectedly" + exitCode());
        }
        Message answer = Message.decode(line.get());
        if (answer.name().equals(Message.ERROR)) {
            throw failure("reports: " + answer.text(Message.REASON));
        }
        return answer;
    }

    /** {@link #send} and {@link #await}. */
    public Message call(Message command, Duration limit) throws MeasurementException {
        send(command);
        return await(limit);
    }

    private Optional<String> poll(Duration limit) throws MeasurementException {
        try {
            return answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MeasurementException("interrupted while waiting for process " + name, e);
        }
    }

    private String exitCode() {
        try {
            return process.waitFor(1, TimeUnit.SECONDS) ? " with exit code " + process.exitValue() : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private MeasurementException failure(String what) {
        StringBuilder text = new StringBuilder("process " + name + " (pid " + pid() + ") " + what);
        synchronized (errors) {
            errors.forEach(line -> text.append("\n    ").append(line));
        }
        return new MeasurementException(text.toString());
    }

    /** Tells the worker to end, without waiting for it. */
    void dismiss() {
        try {
            commands.close();
        } catch (IOException e) {
            // the pipe is broken: the worker is gone or about to be
            keepError(e.getMessage());
        }
    }

    /** Ends the worker: politely, so that a profiler in it can write its result; by force when that takes too long. */
    @Override
    public void close() {
        dismiss();
        try {
            if (process.waitFor(QUIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
