package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcSelectorProvider;

/** An echo in another process, a client in this one, and two hosts between which both VMs move. */
final class EchoRun implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int SETTLE_ONE_IN = 3;

    private final Residue before = Residue.now();
    private final Random random;
    private final String service;
    private final List<HostDirectory> hosts = List.of(HostDirectory.create(), HostDirectory.create());
    private final Vm vm = Vm.on(hosts.get(0));
    private final ChildVm child = ChildVm.on(hosts.get(0));
    private final int port;
    private final List<SocketChannel> opened = new ArrayList<>();
    private EchoClient client;
    private HostDirectory ownHost = hosts.get(0);
    private HostDirectory childsHost = hosts.get(0);
    private int settled;
    private boolean ending;
    private String lastMove = "none";

    EchoRun(long seed, String echoCommand) throws Exception {
        random = new Random(seed);
        service = echoCommand.split(" ")[0];
        port = child.askPort(echoCommand);
    }

    VmcSelectorProvider provider() {
        return vm.provider();
    }

    List<SocketChannel> connect(int connections) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            SocketChannel c = provider().openSocketChannel();
            c.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            opened.add(c);
            channels.add(c);
        }
        return channels;
    }

    void start(EchoClient echoClient) throws Exception {
        client = echoClient;
        await("first upgrade", this::allShared);
    }

    /** Moves one of the VMs, again and again; now and then lets the connections settle before the next move. */
    void move(int moves) throws Exception {
        for (int i = 0; i < moves; i++) {
            HostDirectory target = hosts.get(random.nextInt(hosts.size()));
            lastMove = "move " + i + " to " + target.name();
            if (random.nextBoolean()) {
                vm.leave();
                vm.engine().joinHost(target.name());
                ownHost = target;
            } else {
                child.ask("leave");
                child.ask("join " + target.name());
                childsHost = target;
            }
            client.check();
            if (random.nextInt(SETTLE_ONE_IN) == 0) {
                settle();
            }
        }
    }

    private void settle() throws Exception {
        long had = client.received();
        await("bytes coming back", () -> client.received() > had);
        if (ownHost == childsHost) {
            await("all connections on shared memory again", this::allShared);
            settled++;
        } else {
            await("all connections on TCP", this::noneShared);
        }
    }

    private boolean allShared() {
        return vm.engine().connections().stream()
                .allMatch(i -> i.sending().path() == Path.SHARED_MEMORY
                        && i.receiving().path() == Path.SHARED_MEMORY);
    }

    private boolean noneShared() {
        return vm.engine().connections().stream()
                .allMatch(i -> i.sending().path() != Path.SHARED_MEMORY
                        && i.receiving().path() != Path.SHARED_MEMORY);
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        try {
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        if (!ending) {
                            client.check();
                        }
                        return condition.call();
                    });
        } catch (ConditionTimeoutException e) {
            throw stuck("no " + what);
        }
    }

    private AssertionError stuck(String what) throws Exception {
        child.ask("dump");
        Threads.dumpToError("client");
        return new AssertionError(what + " within " + LIMIT + " after " + lastMove + "; client "
                + vm.engine().connections() + "; echo " + child.ask("paths") + "; " + child.ask("totals " + service)
                + "; "
                + vm.engine().hostStatus());
    }

    /** Ends the streams; compares what was sent with what both sides have seen. */
    void finish() throws Exception {
        List<ConnectionInfo> infos = vm.engine().connections();
        ending = true;
        long sent;
        try {
            sent = client.finish();
        } catch (AssertionError e) {
            AssertionError error = stuck("no orderly end: " + e.getMessage());
            error.addSuppressed(e);
            throw error;
        }
        await("totals of the echo", () -> child.ask("totals " + service).equals(sent + " " + infos.size()));
        long ring = infos.stream().mapToLong(i -> i.receiving().ringBytes()).sum();
        long switches = infos.stream()
                .mapToLong(i -> i.receiving().switches() + i.sending().switches())
                .sum();
        System.out.println(sent + " bytes came back, " + ring + " of them through rings; " + switches
                + " switches, settled on shared memory " + settled + " times");
        assertThat(ring).as("bytes through rings").isBetween(1L, sent);
        assertThat(switches).as("switches").isGreaterThan(2L * settled);
        vm.awaitNoConnections();
        child.exit();
    }

    @Override
    public void close() throws IOException {
        child.close();
        for (SocketChannel c : opened) {
            c.close();
        }
        vm.close();
        try {
            before.awaitNothingNew(this::leftBehind);
        } finally {
            hosts.forEach(HostDirectory::close);
        }
    }

    private String leftBehind() throws IOException {
        return hosts.get(0).residue() + hosts.get(1).residue();
    }
}
