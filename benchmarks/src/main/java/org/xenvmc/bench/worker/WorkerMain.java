package org.xenvmc.bench.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.IdleConnection;

/**
 * A worker process: reads commands from standard input, carries them out one after the other, and writes one line per
 * command to standard output. Ends with standard input, even in the middle of a command.
 */
public final class WorkerMain {
    /** Name of the thread that reads commands; it is no part of what is measured. */
    static final String COMMAND_THREAD = IdleConnection.COMMAND_THREAD;

    private static final long EXIT_LIMIT_MS = 4_000;

    /** Carries out one command. */
    @FunctionalInterface
    interface Command {
        /** The answer to {@code message}. */
        Message run(Message message) throws Exception;
    }

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Map<String, Command> commands = new HashMap<>();
    private final PrintStream answers;

    private WorkerMain(PrintStream answers) {
        this.answers = answers;
        new SocketCommands().register(commands);
        new RingCommands().register(commands);
        new NettyCommands().register(commands);
    }

    /** Entry point; the argument is the worker's name. */
    public static void main(String[] args) throws InterruptedException {
        PrintStream answers = System.out;
        // whatever else prints must not be taken for an answer
        System.setOut(System.err);
        Thread.currentThread().setName(args.length > 0 ? args[0] : "worker");
        WorkerMain worker = new WorkerMain(answers);
        Thread reader = new Thread(worker::readCommands, COMMAND_THREAD);
        reader.setDaemon(true);
        reader.start();
        worker.serve();
    }

    private void readCommands() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            System.err.println("standard input: " + e);
        }
        exit();
    }

    /** Ends in good order, so that profilers can write their results; by force when that takes too long. */
    private static void exit() {
        Thread guard = new Thread(
                () -> {
                    try {
                        Thread.sleep(EXIT_LIMIT_MS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(3);
                },
                "bench-exit-guard");
        guard.setDaemon(true);
        guard.start();
        System.exit(0);
    }

    private void serve() throws InterruptedException {
        while (true) {
            Message answer = carryOut(lines.take());
            answers.println(Message.ANSWER_MARK + answer.encode());
            answers.flush();
        }
    }

    private Message carryOut(String line) {
        try {
            Message message = Message.decode(line);
            Command command = commands.get(message.name());
            if (command == null) {
                return error("unknown command '" + message.name() + "'");
            }
            return command.run(message);
        } catch (Exception | LinkageError e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return error(trace.toString().trim());
        }
    }

    private static Message error(String reason) {
        return Message.of(Message.ERROR).with(Message.REASON, reason);
    }
}
