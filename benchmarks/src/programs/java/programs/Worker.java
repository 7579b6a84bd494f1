package programs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Carries out commands from the standard input, one after the other; one line of answer for each. Ends with the input, also in
 * the middle of a command.
 */
public final class Worker {
    private static final String ANSWER_MARK = "> ";

    /** Carries out a command; what it returns are the fields of the answer. */
    @FunctionalInterface
    public interface Commands {
        /** Carries out one. */
        Map<String, String> run(Arguments command) throws Exception;
    }

    private Worker() {}

    /** A server, which has nothing to do but to say where it is and what it has used. */
    public static void serve(int port) {
        run(command -> Map.of("address", Integer.toString(port)));
    }

    /** A client. */
    public static void drive(Client client) {
        run(command -> Drive.run(client, command));
    }

    private static void run(Commands commands) {
        PrintStream answers = System.out;
        // whatever else prints must not be taken for an answer
        System.setOut(System.err);
        Thread worker = new Thread(() -> carryOut(commands, answers), "worker");
        worker.setDaemon(true);
        worker.start();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.exit(0);
    }

    private static void carryOut(Commands commands, PrintStream answers) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answers.println(
                        ANSWER_MARK + answer(commands, Arguments.parse(line)).encode());
                answers.flush();
            }
        } catch (IOException e) {
            System.err.println("standard input: " + e);
        }
    }

    private static Arguments answer(Commands commands, Arguments command) {
        try {
            if (command.name().equals("cpu")) {
                return new Arguments("ok", Map.of("cpuNs", Long.toString(cpuNs())));
            }
            return new Arguments("ok", commands.run(command));
        } catch (Exception | LinkageError e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("reason", trace.toString().trim());
            return new Arguments("error", fields);
        }
    }

    /** Processor time of this process so far. */
    static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
