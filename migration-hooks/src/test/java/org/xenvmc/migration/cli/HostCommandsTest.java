package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.ReasonCode;

/** The commands against two real VMs in this process, with a connection between them. */
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
    void shouldSayThatTheVmIsSwitchedOffWhenAConnectionIsTried() throws Exception {
        server.engine().setEnabled(false);
        Background<SocketChannel> accepting = Background.start(listener::accept);

        Cli cli = Cli.run("check", "127.0.0.1:" + port(), "--host", host.name(), "--connect");

        accepting.result().close();

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(1);
        assertThat(cli.out()).contains("NO   connect", "stays on TCP");
    }
}
