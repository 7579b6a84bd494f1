package org.xenvmc.migration.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.agent.Main;
import org.xenvmc.migration.json.JsonObject;

/** The agent's commands as a user starts them: {@code ./xenvmc agent}, {@code events}, {@code migrate --qmp}. */
final class AgentProcess implements AutoCloseable {
    private static final long END_LIMIT_S = 30;

    private final Process process;

    private AgentProcess(Process process) {
        this.process = process;
    }

    private static Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** An agent that owns this region and writes this journal; returns when it does. */
    static AgentProcess own(Path region, String size, int vms, Path journal) throws IOException {
        AgentProcess agent = new AgentProcess(start(List.of(
                "agent",
                "--region=" + region,
                "--size=" + size,
                "--vms=" + vms,
                "--journal=" + journal,
                "--guests=" + journal.resolveSibling("guests"),
                "--interval-ms=100")));
        BufferedReader said = agent.process.inputReader();
        String first = said.readLine();
        if (first == null || !first.contains(region.toString())) {
            agent.close();
            throw new IOException("the agent said: " + first);
        }
        return agent;
    }

    /** Runs a command to its end and returns what it printed. */
    static String run(List<String> arguments) throws IOException, InterruptedException {
        Process p = start(arguments);
        try {
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (p.waitFor() != 0) {
                throw new IOException(arguments + " ended with " + p.exitValue() + ": " + said);
            }
            return said;
        } finally {
            p.destroyForcibly();
        }
    }

    /** Particulars of the events of this kind. */
    static List<JsonObject> events(Path journal, String kind) throws IOException, InterruptedException {
        List<JsonObject> found = new ArrayList<>();
        for (String line : run(List.of("events", "--journal=" + journal, "--kind=" + kind, "--json"))
                .lines()
                .toList()) {
            found.add(JsonObject.parse(line).object("data"));
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(END_LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the agent did not end");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
