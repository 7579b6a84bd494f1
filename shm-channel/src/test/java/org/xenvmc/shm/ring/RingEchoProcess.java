package org.xenvmc.shm.ring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that returns what it receives on one ring on another. */
final class RingEchoProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;
    final int domId;

    RingEchoProcess(Path host) throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RingEchoProcess.class.getName(),
                        host.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        domId = Integer.parseInt(answers.readLine());
    }

    /** Has it echo; returns at once. */
    void echo(int owner, int inGrant, int outGrant, int messages, long limitNs) {
        commands.println(owner + " " + inGrant + " " + outGrant + " " + messages + " " + limitNs);
    }

    String answer() throws IOException {
        return answers.readLine();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (SharedRings rings = new SharedRings(Path.of(args[0]))) {
            System.out.println(rings.membership.self().domId());
            String line = in.readLine();
            if (line != null) {
                String[] n = line.split(" ");
                SpscRingReceiver from = SharedRings.receiver(rings.map(Integer.parseInt(n[0]), Integer.parseInt(n[1])));
                SpscRingSender to = SharedRings.sender(rings.map(Integer.parseInt(n[0]), Integer.parseInt(n[2])));
                SharedRings.echo(from, to, Integer.parseInt(n[3]), Long.parseLong(n[4]));
                System.out.println("done");
                in.readLine();
            }
        }
    }
}
