package org.xenvmc.migration.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.transport.VmcSelectorProvider;

/** The test's end of a {@link VmProcess}. */
public final class ChildVm implements AutoCloseable {
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;

    private ChildVm(List<String> command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** A VM of this host that upgrades at once, with small rings. */
    public static ChildVm on(HostDirectory host, String... jvmOptions) throws IOException {
        return new ChildVm(VmProcess.command(options(host, jvmOptions)));
    }

    /**
     * The same in a network namespace of its own, where loopback is up and nothing else is there.
     *
     * @return null where namespaces cannot be made
     */
    public static ChildVm inOwnNamespace(HostDirectory host) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "--net", "sh", "-c"));
        command.add("ip link set lo up && exec \"$@\"");
        command.add("sh");
        Process probe = new ProcessBuilder("unshare", "--net", "ip", "link", "set", "lo", "up").start();
        if (probe.waitFor() != 0) {
            return null;
        }
        command.addAll(VmProcess.command(options(host)));
        return new ChildVm(command);
    }

    private static List<String> options(HostDirectory host, String... jvmOptions) {
        List<String> options = new ArrayList<>(List.of(
                "-Djava.nio.channels.spi.SelectorProvider=" + VmcSelectorProvider.class.getName(),
                "-Dxenvmc.host.dir=" + host.name(),
                "-Dxenvmc.upgrade.after.operations=0",
                "-Dxenvmc.upgrade.after.bytes=0",
                "-Dxenvmc.ring.max=64k"));
        options.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        options.addAll(List.of(jvmOptions));
        return options;
    }

    /** A process that knows nothing of the library. */
    public static ChildVm withoutLibrary() throws IOException {
        return new ChildVm(VmProcess.command(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")));
    }

    /** Gives a command and returns its answer. */
    public String ask(String command) throws Exception {
        commands.println(command);
        String answer = Background.start(answers::readLine).result();
        if (answer == null || !answer.startsWith("ok")) {
            throw new AssertionError("VM " + pid() + " answered '" + command + "' with: " + answer);
        }
        return answer.substring(2).trim();
    }

    /** Gives a command whose answer is a port. */
    public int askPort(String command) throws Exception {
        return Integer.parseInt(ask(command));
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** kill -9; returns when the process is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Lets it end by itself. */
    public void exit() throws InterruptedException {
        commands.println("exit");
        if (!process.waitFor(EXIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("VM " + pid() + " did not end: which thread keeps it alive?");
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("VM " + pid() + " ended with " + process.exitValue());
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        commands.close();
        answers.close();
    }
}
