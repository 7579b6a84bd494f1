package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.Switcher;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.Path;

/** A VM in this process that survives, and one in another that is killed. */
final class KillScene implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int STILL_SAMPLES = 20;

    private final Residue before = Residue.now();
    private final HostDirectory host = HostDirectory.create();
    private final HostDirectory otherHost = HostDirectory.create();
    private final Vm vm = Vm.on(host);
    private final ChildVm victim = ChildVm.on(host);
    private final List<Channel> opened = new ArrayList<>();
    private final long seed;
    private Switcher switcher;
    private boolean killed;

    KillScene(long seed) throws IOException {
        this.seed = seed;
    }

    private void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no " + what + " within " + LIMIT + "; "
                    + vm.engine().connections() + "; " + vm.engine().hostStatus());
        }
    }

    private ServerSocketChannel listen() throws IOException {
        ServerSocketChannel listener = vm.provider().openServerSocketChannel();
        return listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Lets the victim connect to this VM and do something there. */
    SocketChannel acceptFromVictim(String command, String arguments) throws Exception {
        ServerSocketChannel listener = listen();
        opened.add(listener);
        victim.ask(command + " " + listener.socket().getLocalPort() + " " + arguments);
        SocketChannel accepted = listener.accept();
        opened.add(accepted);
        return accepted;
    }

    /**
     * Writes to a reader until the connection is on shared memory and nothing lies unread in the other end's TCP, which may be in the
     * ring before it has read the frame that says so: what lies unread in a dead process's TCP is a reset.
     */
    void settleByWriting(SocketChannel out, StreamPattern pattern) {
        long[] offset = {0};
        await("shared memory", () -> {
            out.write(pattern.bytes(offset[0]++, 1));
            ConnectionInfo i = vm.info(out);
            return i.sending().path() == Path.SHARED_MEMORY
                    && victim.ask("paths").contains("receiving:SHARED_MEMORY");
        });
        await("TCP that the victim has read", () -> unreadAtTheOtherEnd(out) == 0);
    }

    /** Bytes in the receive queue of the other end's TCP, as the kernel says (proc(5), /proc/net/tcp). */
    private static long unreadAtTheOtherEnd(SocketChannel out) throws IOException {
        String local = ":%04X".formatted(((InetSocketAddress) out.getRemoteAddress()).getPort());
        String remote = ":%04X".formatted(((InetSocketAddress) out.getLocalAddress()).getPort());
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(java.nio.file.Path.of(table))) {
                String[] field = line.strip().split("\\s+");
                if (field[1].endsWith(local) && field[2].endsWith(remote)) {
                    return Long.parseLong(field[4].split(":")[1], 16);
                }
            }
        }
        throw new IOException("no connection " + local + " to " + remote + " in /proc/net/tcp");
    }

    /** Waits until the victim's write does not get on any more. */
    void awaitNoProgress(Progress progress) {
        long[] last = {-1, 0};
        await("writer that is stuck", () -> {
            long now = progress.get();
            last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
            last[0] = now;
            return last[1] == STILL_SAMPLES;
        });
    }

    void startMoving() {
        switcher = new Switcher(List.of(vm), List.of(host, otherHost));
        switcher.start();
    }

    void stopMoving() throws Exception {
        switcher.close();
        vm.leave();
        vm.engine().joinHost(host.name());
    }

    synchronized void killOnce() throws InterruptedException {
        if (!killed) {
            killed = true;
            victim.kill();
        }
    }

    /** SIGSTOP: it lives, and does nothing. */
    void stopVictim() throws Exception {
        Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(victim.pid())).start();
        assertThat(stop.waitFor()).isZero();
    }

    void killTwoThatTalk() throws Exception {
        try (ChildVm second = ChildVm.on(host)) {
            int port = second.askPort("sink " + seed);
            java.nio.file.Path progress = Files.createTempFile("xv-test", "progress");
            try {
                victim.ask("write " + port + " " + seed + " " + progress);
                await("ring", () -> second.ask("paths").contains("receiving:SHARED_MEMORY"));
                killOnce();
                second.kill();
            } finally {
                Files.deleteIfExists(progress);
            }
        }
        vm.engine().joinHost(host.name());
        assertThat(host.files())
                .as("files after the next one joined")
                .singleElement()
                .asString()
                .startsWith("vm-");
    }

    /** Files of members; what somebody was about to make when he was killed is removed by the next who joins. */
    private long membersFiles() throws IOException {
        return host.files().stream().filter(f -> !f.startsWith(".new-")).count();
    }

    /** The dead are in no table, and left no file; and the next peer is served over shared memory. */
    void assertCleanAndUsable() throws Exception {
        vm.awaitNoConnections();
        await(
                "table without the dead",
                () -> vm.engine().hostStatus().vms().stream().map(VmEntry::pid).noneMatch(pid -> pid == victim.pid()));
        await("files of the living only", () -> membersFiles() <= 1);
        try (ChildVm next = ChildVm.on(host)) {
            int port = next.askPort("echo 1 false");
            await("members and nothing else", () -> host.files().stream().allMatch(f -> f.startsWith("vm-")));
            try (SocketChannel c = vm.provider().openSocketChannel()) {
                c.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                await("shared memory with the next peer", () -> {
                    Io.write(c, "again");
                    assertThat(Io.read(c, 5)).isEqualTo("again");
                    ConnectionInfo i = vm.info(c);
                    return i.sending().path() == Path.SHARED_MEMORY
                            && i.receiving().path() == Path.SHARED_MEMORY;
                });
            }
            next.exit();
        }
        vm.awaitNoConnections();
    }

    @Override
    public void close() throws IOException {
        victim.close();
        for (Channel c : opened) {
            c.close();
        }
        vm.close();
        try {
            before.awaitNothingNew(this::leftBehind);
        } finally {
            host.close();
            otherHost.close();
        }
    }

    private String leftBehind() throws IOException {
        return host.residue() + otherHost.residue();
    }
}
