package org.xenvmc.shm.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmcContext;

/**
 * A VM in a JVM of its own, for tests: joins a host, returns every signal to VM 1, obeys lines on its standard input and
 * answers each with one line.
 */
final class ChildVm implements AutoCloseable {
    private static final long ANSWER_LIMIT_S = 60;

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;
    final int domId;

    ChildVm(Path host) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ChildVm.class.getName(), host.toString()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        domId = Integer.parseInt(answers.readLine());
    }

    long pid() {
        return process.pid();
    }

    String ask(String command) throws IOException {
        commands.println(command);
        return answers.readLine();
    }

    GrantRef askForGrant(int peer, int bytes) throws IOException {
        String[] answer = ask("grant " + peer + " " + bytes).split(" ");
        return new GrantRef(Integer.parseInt(answer[0]), Integer.parseInt(answer[1]), Integer.parseInt(answer[2]));
    }

    /** kill -9. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(ANSWER_LIMIT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        AtomicReference<HostMembership> membership = new AtomicReference<>();
        Joining joining = new Joining(UUID.randomUUID(), args[0], false);
        membership.set(new FileHostProvider().join(new VmcContext().conclude(), joining, new Echo(membership)));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println(membership.get().self().domId());
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(obey(membership.get(), line.split(" ")));
        }
        membership.get().leave();
    }

    private static String obey(HostMembership m, String[] command) throws IOException {
        switch (command[0]) {
            case "grant" -> {
                Member peer = m.member(Integer.parseInt(command[1]));
                GrantTable.Grant grant = m.grants().grant(peer, Integer.parseInt(command[2]));
                grant.mapping().buffer().putInt(0, 4711);
                return grant.ref().ownerDomId() + " " + grant.ref().number() + " "
                        + grant.ref().bytes();
            }
            case "leave" -> m.leave();
            case "members" -> {
                return "" + m.members().size();
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
        return "done";
    }

    /** Returns signals and messages to VM 1. */
    private record Echo(AtomicReference<HostMembership> membership) implements HostListener {
        @Override
        public void joined(Member member) {}

        @Override
        public void left(Member member, boolean died) {}

        @Override
        public void message(int type, ByteBuffer payload) {
            membership.get().member(1).send(type, payload);
        }

        @Override
        public void signalled(int connection) {
            membership.get().member(1).signal(connection);
        }
    }
}
