package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.ReasonCode;
import picocli.CommandLine;

/** The commands against two real VMs in this process, with a connection between them. */
@Tag("once")
class HostCommandsTest {
    private final HostDirectory host = HostDirectory.create();
    private final HostDirectory other = HostDirectory.create();
    private final Vm server = Vm.on(host);
    private final Vm client = Vm.on(host);
    private ServerSocketChannel listener;
    private SocketChannel near;
    private SocketChannel far;

    @TempDir
    private Path dir;

    @BeforeEach
    void connect() throws Exception {
        listener = server.provider().openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        near = client.provider().openSocketChannel();
        near.connect(listener.getLocalAddress());
        far = listener.accept();
        awaitPath("SHARED_MEMORY");
    }

    @AfterEach
    void close() throws Exception {
        near.close();
        far.close();
        listener.close();
        client.close();
        server.close();
        host.close();
        other.close();
    }

    private int port() throws Exception {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /** Exchanges bytes until both directions of the near end are on the path. */
    private void awaitPath(String path) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> {
                    exchange();
                    assertThat(client.info(near).sending().path()).hasToString(path);
                    assertThat(client.info(near).receiving().path()).hasToString(path);
                });
    }

    private void exchange() throws Exception {
        near.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(far.read(one)).isEqualTo(1);
        far.write(one.flip());
        ByteBuffer back = ByteBuffer.allocate(1);
        assertThat(near.read(back)).isEqualTo(1);
        assertThat(back.get(0)).isEqualTo((byte) 42);
    }

    private int domIdOf(Vm vm) {
        return vm.engine().hostStatus().self().domId();
    }

    private String uuidOf(Vm vm) {
        return vm.engine().hostStatus().vms().stream()
                .filter(e -> e.id().domId() == domIdOf(vm))
                .findFirst()
                .orElseThrow()
                .uuid();
    }

    @Test
    void shouldShowVmsAndConnections() throws Exception {
        Path file = dir.resolve("stat.json");

        Cli cli = Cli.run("stat", "--host", host.name(), "--json", file.toString());

        assertThat(cli.exitCode()).as("%s", cli).isZero();
        assertThat(cli.out()).contains("2 VMs", uuidOf(client), uuidOf(server), "127.0.0.1:" + port(), "memory");
        assertThat(cli.out()).contains("4 directions: 4 on shared memory, 0 on TCP");
        JsonObject survey = JsonObject.parse(Files.readString(file));
        assertThat(survey.objects("vms")).hasSize(2).allMatch(vm -> vm.has("connections"));
    }

    @Test
    void shouldPrintNothingButJsonWhenAskedTo() throws Exception {
        Cli cli = Cli.run("stat", "--host", host.name(), "--json", "-");

        assertThat(JsonObject.parse(cli.out()).text("host")).isEqualTo(host.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep", "early"})
    void shouldMoveAVmAndItsConnectionsGoOn(String mode) throws Exception {
        String uuid = uuidOf(client);

        Cli there = Cli.run("migrate", "--host", host.name(), "--vm", uuid, "--to", other.name(), "--mode", mode);

        assertThat(there.exitCode()).as("%s", there).isZero();
        assertThat(there.out()).contains("moved from " + host.name() + " to " + other.name(), "0 lost");
        assertThat(client.engine().hostStatus().host()).isEqualTo(other.name());
        exchange();

        Cli back = Cli.run(
                "migrate", "--host", other.name(), "--vm", uuid.substring(0, 8), "--to", host.name(), "--json", "-");

        assertThat(back.exitCode()).as("%s", back).isZero();
        assertThat(JsonObject.parse(back.out()).text("outcome")).isEqualTo("ARRIVED");
        awaitPath("SHARED_MEMORY");
    }

    @Test
    void shouldNotMoveAVmToAHostThatCannotBeUsed() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));

        Cli cli = Cli.run(
                "migrate", "--host", host.name(), "--vm", String.valueOf(domIdOf(client)), "--to", file.toString());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).contains(file.toString());
        assertThat(client.engine().hostStatus().host()).isEqualTo(host.name());
        exchange();
    }

    @Test
    void shouldListTheVmsWhenTheOneThatIsMeantIsNotThere() {
        Cli cli = Cli.run("migrate", "--host", host.name(), "--vm", "4711", "--to", other.name());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).contains("there is no VM '4711'", uuidOf(client));
    }

    @Test
    void shouldSwitchSharedMemoryOffAndOn() throws Exception {
        String vm = String.valueOf(domIdOf(client));

        Cli off = Cli.run("switch", "--host", host.name(), "--vm", vm, "off");

        assertThat(off.exitCode()).as("%s", off).isZero();
        awaitPath("FRAMED_TCP");
        assertThat(client.info(near).sending().reason()).isEqualTo(ReasonCode.SWITCHED_OFF);
        assertThat(Cli.run("stat", "--host", host.name()).out()).contains("SWITCHED_OFF (21)");

        Cli on = Cli.run("switch", "--host", host.name(), "--vm", vm, "on");

        assertThat(on.exitCode()).as("%s", on).isZero();
        awaitPath("SHARED_MEMORY");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSayThatAListenerCanBeReached(boolean connect) throws Exception {
        String target = "127.0.0.1:" + port();
        Cli cli;
        if (connect) {
            Background<SocketChannel> accepting = Background.start(listener::accept);
            cli = Cli.run("check", target, "--host", host.name(), "--connect");
            accepting.result().close();
        } else {
            cli = Cli.run("check", target, "--host", host.name());
        }

        assertThat(cli.exitCode()).as("%s", cli).isZero();
        assertThat(cli.out()).contains(target + " can be reached over shared memory");
        assertThat(cli.out().contains("both ends have agreed")).isEqualTo(connect);
    }

    @Test
    void shouldSayWhyAListenerWithoutTheLibraryIsNotReached() throws Exception {
        try (ServerSocketChannel plain = JdkSelectorProvider.get().openServerSocketChannel()) {
            plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int plainPort = ((InetSocketAddress) plain.getLocalAddress()).getPort();

            Cli cli = Cli.run("check", "127.0.0.1:" + plainPort, "--host", host.name());

            assertThat(cli.exitCode()).isEqualTo(1);
            assertThat(cli.out()).contains("none of the 2 VMs of this host listens on port " + plainPort);
        }
    }

    @Test
    void shouldNotTryAConnectionThatTheVmWouldRefuse() throws Exception {
        server.engine().setEnabled(false);

        Cli cli = Cli.run("check", "127.0.0.1:" + port(), "--host", host.name(), "--connect");

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(1);
        assertThat(cli.out())
                .contains("NO   listener", "PEER_DENIED (14)", "What to do")
                .doesNotContain("connect  ");
    }

    @Test
    void shouldShowOnlyWhatIsAskedFor() throws Exception {
        assertThat(Cli.run("stat", "--host", host.name(), "--path", "memory").out())
                .contains("4 directions: 4 on shared memory");
        Cli tcp = Cli.run("stat", "--host", host.name(), "--path", "tcp,framed");
        assertThat(tcp.exitCode()).isZero();
        assertThat(tcp.out()).contains("2 connections are not shown").doesNotContain("directions:");
        assertThat(Cli.run("stat", "--host", host.name(), "--reason", "none,21").out())
                .contains("4 directions: 4 on shared memory");
        assertThat(Cli.run("stat", "--host", host.name(), "--reason", "SWITCHED_OFF")
                        .out())
                .contains("2 connections are not shown");

        Cli one = Cli.run("stat", "--host", host.name(), "--vm", uuidOf(server), "--json", "-");
        assertThat(JsonObject.parse(one.out()).objects("vms")).hasSize(1).allMatch(vm -> vm.toString()
                .contains(uuidOf(server)));
        Cli none = Cli.run("stat", "--host", host.name(), "--vm", "4711");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("there is no VM '4711'", uuidOf(client));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWatchUntilNobodyReads(boolean json) throws Exception {
        List<String> looks = new CopyOnWriteArrayList<>();
        Writer threeLooks = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                if (looks.size() == 3) {
                    throw new IOException("Broken pipe");
                }
                looks.add(new String(text, from, length));
                try {
                    exchange();
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        CommandLine line = Main.commandLine().setOut(new PrintWriter(new BufferedWriter(threeLooks, 1 << 20) {
            @Override
            public void newLine() throws IOException {
                write('\n');
            }
        }));
        String[] arguments = json
                ? new String[] {"stat", "--host", host.name(), "--watch", "0.1", "--json", "-"}
                : new String[] {"stat", "--host", host.name(), "--watch=0.1"};

        assertThat(line.execute(arguments)).isZero();

        assertThat(looks).hasSize(3);
        if (json) {
            JsonObject last = JsonObject.parse(looks.get(2));
            JsonObject sending =
                    last.objects("vms").get(0).objects("connections").get(0).object("sending");
            assertThat(sending.decimal("bytesPerSecond")).isPositive();
        } else {
            assertThat(looks.get(0)).doesNotContain("BYTES/S").contains("2 VMs");
            assertThat(looks.get(2)).contains("BYTES/S", "WAKE-UPS/S").containsPattern("[1-9][0-9.]* B/s");
        }
    }

    @Test
    void shouldShowAVmThatIsStoppedWithinALimit() throws Exception {
        try (ChildVm child = ChildVm.on(host)) {
            child.askPort("echo 1 false");
            Awaitility.await()
                    .until(() -> Cli.run("stat", "--host", host.name()).out().contains("3 VMs"));
            new ProcessBuilder("kill", "-STOP", String.valueOf(child.pid()))
                    .start()
                    .waitFor();

            Cli cli = Cli.run("stat", "--host", host.name());

            assertThat(cli.exitCode()).isEqualTo(1);
            assertThat(cli.out())
                    .contains("3 VMs", "4 directions: 4 on shared memory", "did not answer 'stat' within 5000 ms");
            new ProcessBuilder("kill", "-CONT", String.valueOf(child.pid()))
                    .start()
                    .waitFor();
        }
    }

    /** As a user starts it, with standard output in a pipe or ended by a signal: it leaves nothing in the host. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndAWatchInAnOrderlyWay(boolean byPipe) throws Exception {
        Process watch = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        "stat",
                        "--host",
                        host.name(),
                        "--watch=0.1")
                .start();
        try {
            assertThat(watch.inputReader().readLine()).contains("host " + host.name());
            if (byPipe) {
                watch.getInputStream().close();
            } else {
                watch.toHandle()
                        .destroy(); // not SIGINT: a shell's background jobs ignore that, and so do their children
            }
            assertThat(watch.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(watch.exitValue()).isEqualTo(byPipe ? 0 : 128 + 15);
            assertThat(watch.errorReader().lines())
                    .filteredOn(line -> !line.isBlank() && !line.startsWith("WARNING: ")) // of JDK 24 about JNA
                    .isEmpty();
            assertThat(host.files()).filteredOn(f -> f.startsWith("vm-")).hasSize(2);
        } finally {
            watch.destroyForcibly();
        }
    }
}
