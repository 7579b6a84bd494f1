package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.mixed.SmallDisk;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** {@code check} says what a connection then says: each reason that it can find, against the real thing where there is one. */
@Tag("once")
class CheckTest {
    private static final int VERSION_OFFSET = 8;

    private final HostDirectory host = HostDirectory.create();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable c : opened) {
            c.close();
        }
        host.close();
    }

    private <C extends AutoCloseable> C track(C closeable) {
        opened.addFirst(closeable);
        return closeable;
    }

    private Vm vm(UnaryOperator<VmcContext> changes) {
        return track(Vm.on(host, changes));
    }

    private ServerSocketChannel listen(Vm vm) throws Exception {
        ServerSocketChannel listener = track(vm.provider().openServerSocketChannel());
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return listener;
    }

    private static String target(ServerSocketChannel listener) throws Exception {
        return "127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    private ReasonCode check(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("check"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--host", host.name(), "--json", "-"));
        Cli cli = Cli.run(line.toArray(String[]::new));
        assertThat(cli.err()).isEmpty();
        JsonObject answer = JsonObject.parse(cli.out());
        assertThat(cli.exitCode()).isEqualTo(answer.flag("reachable") ? 0 : 1);
        return ReasonCode.valueOf(answer.text("reason"));
    }

    /** Connects for real and waits until the connection gives this reason, or none because it is on shared memory. */
    private void assertConnectionSays(ReasonCode reason, Vm client, ServerSocketChannel listener) throws Exception {
        SocketChannel near = track(client.provider().openSocketChannel());
        near.connect(listener.getLocalAddress());
        SocketChannel far = track(listener.accept());
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> {
                    near.write(ByteBuffer.allocate(1));
                    far.read(ByteBuffer.allocate(1));
                    assertThat(client.info(near).sending().reason()).isEqualTo(reason);
                });
    }

    private String number(Vm vm) {
        Awaitility.await().until(() -> vm.engine().hostStatus().joined());
        return String.valueOf(vm.engine().hostStatus().self().domId());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "      |               |                | NONE",
                "*     |               |                | DENIED_BY_RULE",
                "      | *             |                | PEER_DENIED",
                "      |               | 10.0.0.0/8     | PEER_DENIED",
                "      | 127.0.0.1:1-9 |                | NONE"
            })
    void shouldAgreeWithAConnectionAboutRules(
            String clientDeny, String serverDeny, String serverAllow, ReasonCode expected) throws Exception {
        Vm client = vm(c -> c.deny(clientDeny == null ? "" : clientDeny));
        Vm server = vm(c -> c.deny(serverDeny == null ? "" : serverDeny).allow(serverAllow == null ? "" : serverAllow));
        ServerSocketChannel listener = listen(server);
        listen(client); // joins
        assertThat(number(server)).isNotEmpty();

        assertThat(check(target(listener), "--vm", number(client))).isEqualTo(expected);
        assertConnectionSays(expected, client, listener);
    }

    @Test
    void shouldAgreeWithAConnectionWhenTheListenerIsSwitchedOff() throws Exception {
        Vm client = vm(c -> c);
        Vm server = vm(c -> c);
        ServerSocketChannel listener = listen(server);
        number(server);
        server.engine().setEnabled(false);

        assertThat(check(target(listener))).isEqualTo(ReasonCode.PEER_DENIED);
        assertConnectionSays(ReasonCode.PEER_DENIED, client, listener);
    }

    @Test
    void shouldAgreeWithAConnectionWhenTheClientIsSwitchedOff() throws Exception {
        Vm client = vm(c -> c);
        Vm server = vm(c -> c);
        ServerSocketChannel listener = listen(server);
        listen(client);
        String number = number(client);
        client.engine().setEnabled(false);

        assertThat(check(target(listener), "--vm", number)).isEqualTo(ReasonCode.SWITCHED_OFF);
        assertConnectionSays(ReasonCode.SWITCHED_OFF, client, listener);
    }

    @Test
    void shouldAgreeWithAConnectionWhenTheListenerDoesNotUseTheLibrary() throws Exception {
        Vm client = vm(c -> c);
        listen(client);
        number(client);
        ServerSocketChannel plain = track(JdkSelectorProvider.get().openServerSocketChannel());
        plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        assertThat(check(target(plain))).isEqualTo(ReasonCode.NOT_CO_RESIDENT);
        assertConnectionSays(ReasonCode.NOT_CO_RESIDENT, client, plain);
    }

    @Test
    void shouldSayThatTheAddressOfAnotherMachineIsNotMirrored() throws Exception {
        ServerSocketChannel listener = listen(vm(c -> c));
        Awaitility.await().until(() -> check(target(listener)) == ReasonCode.NONE);

        String elsewhere = target(listener).replace("127.0.0.1", "198.51.100.7");
        assertThat(check(elsewhere)).isEqualTo(ReasonCode.NO_MIRRORED_CONNECTION);
    }

    @Test
    void shouldSayThatAStoppedProcessIsSilent() throws Exception {
        ChildVm child = track(ChildVm.on(host));
        int port = child.askPort("echo 1 false");
        String target = "127.0.0.1:" + port;
        Awaitility.await().until(() -> check(target) == ReasonCode.NONE);

        signal("STOP", child.pid());
        try {
            assertThat(check(target)).isEqualTo(ReasonCode.PEER_SILENT);
        } finally {
            signal("CONT", child.pid());
        }
        Awaitility.await().until(() -> check(target) == ReasonCode.NONE);
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"true,PEER_WITHOUT_MEMORY", "false,BUDGET_EXHAUSTED"})
    void shouldSayWhoHasNoMemoryWhenAConnectionIsTried(boolean atTheServer, ReasonCode expected) throws Exception {
        Vm server = vm(c -> atTheServer ? c.budgetBytes(0) : c);
        ServerSocketChannel listener = listen(server);
        number(server);
        Background<SocketChannel> accepting = Background.start(listener::accept);
        if (!atTheServer) {
            System.setProperty(VmcContext.BUDGET_PROPERTY, "0");
        }
        try {
            assertThat(check(target(listener), "--connect")).isEqualTo(expected);
        } finally {
            System.clearProperty(VmcContext.BUDGET_PROPERTY);
        }
        accepting.result().close();
    }

    @Test
    void shouldSayThatTheHostIsOfAnotherVersion() throws Exception {
        Vm vm = vm(c -> c);
        ServerSocketChannel listener = listen(vm);
        number(vm);
        Path file = host.path().resolve("host");
        byte[] content = Files.readAllBytes(file);
        content[VERSION_OFFSET] = 99;
        Files.write(file, content);

        assertThat(check(target(listener))).isEqualTo(ReasonCode.VERSION_MISMATCH);
    }

    @Test
    void shouldSayThatALinkIsNoHost() throws Exception {
        try (HostDirectory target = HostDirectory.create()) {
            Files.createDirectory(target.path());
            Files.createSymbolicLink(host.path(), target.path());

            assertThat(check("127.0.0.1:9")).isEqualTo(ReasonCode.HOST_DIRECTORY_UNUSABLE);
        }
    }

    @Test
    void shouldSayThatTheFileSystemIsFull() throws Exception {
        SmallDisk disk = SmallDisk.mount(host.path(), "64k", "rw");
        try {
            disk.fill();

            assertThat(check("127.0.0.1:9")).isEqualTo(ReasonCode.NO_SPACE);
        } finally {
            disk.unmount();
        }
    }

    @ParameterizedTest
    @CsvSource({"-Dos.arch=mips,UNSUPPORTED_PLATFORM", "-Djna.nounpack=true,NO_NATIVE_ACCESS"})
    void shouldSayThatTheProcessCannotDoIt(String option, ReasonCode expected) throws Exception {
        listen(vm(c -> c));
        Awaitility.await().until(() -> Files.isDirectory(host.path()));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-Djna.nosys=true",
                "-Djna.boot.library.path=/nowhere",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of("check", "127.0.0.1:9", "--host", host.name(), "--json", "-"));
        Process process = new ProcessBuilder(command).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(JsonObject.parse(said).text("reason")).isEqualTo(expected.name());
            assertThat(process.exitValue()).isEqualTo(1);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldRejectAVmAndATrialTogether() {
        assertThat(Cli.run("check", "127.0.0.1:9", "--vm", "1", "--connect").exitCode())
                .isEqualTo(2);
    }
}
