package org.xenvmc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the provider is found, and what it makes. */
class VmcSelectorProviderTest {
    @Test
    void shouldBeTheDefaultWhenThePropertyNamesIt() throws Exception {
        String out = run(
                List.of("-D" + JdkSelectorProvider.PROVIDER_PROPERTY + "=org.xenvmc.transport.VmcSelectorProvider"));
        assertThat(out)
                .contains(
                        "default org.xenvmc.transport.VmcSelectorProvider",
                        "below sun.nio.ch.",
                        "answer 42",
                        "NO_PROVIDER");
    }

    @Test
    void shouldBeTheDefaultWhenAServiceFileNamesIt(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("META-INF/services/" + SelectorProvider.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, VmcSelectorProvider.class.getName());
        String out = run(List.of(), dir);
        assertThat(out).contains("default org.xenvmc.transport.VmcSelectorProvider", "below sun.nio.ch.", "answer 42");
    }

    @Test
    void shouldSayWhichPropertyIsWrong() throws Exception {
        String out = run(List.of(
                "-D" + JdkSelectorProvider.PROVIDER_PROPERTY + "=org.xenvmc.transport.VmcSelectorProvider",
                "-D" + VmcContext.WAIT_PROPERTY + "=asleep"));
        assertThat(out).contains(VmcContext.WAIT_PROPERTY, "asleep");
    }

    /** Runs {@link ProviderProgram} in a JVM of its own. */
    private static String run(List<String> options, Path... classPath) throws Exception {
        StringBuilder cp = new StringBuilder(System.getProperty("java.class.path"));
        for (Path p : classPath) {
            cp.append(java.io.File.pathSeparator).append(p);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", cp.toString(), ProviderProgram.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldMakeTheJdksOwnChannelsWhereSharedMemoryHasNoPlace() throws Exception {
        VmcSelectorProvider provider = new VmcSelectorProvider(new VmcContext());
        try (var datagram = provider.openDatagramChannel();
                var unix = provider.openSocketChannel(StandardProtocolFamily.UNIX);
                var unixListener = provider.openServerSocketChannel(StandardProtocolFamily.UNIX);
                Selector selector = provider.openSelector()) {
            assertThat(List.of(datagram, unix, unixListener))
                    .allSatisfy(c -> assertThat(c.getClass().getName()).startsWith("sun.nio.ch."));
            assertThat(selector.provider()).isSameAs(provider);
            datagram.configureBlocking(false).register(selector, SelectionKey.OP_WRITE);
            assertThat(selector.select()).isEqualTo(1);
            assertThat(provider.engineIfMade()).as("nothing needed it").isNull();
        }
        assertThat(provider.inheritedChannel()).isNull();
        assertThat(JdkSelectorProvider.get().getClass().getName()).startsWith("sun.nio.ch.");
    }

    @Test
    void shouldRefuseFamiliesThatTheJdkRefuses() {
        VmcSelectorProvider provider = new VmcSelectorProvider(new VmcContext());
        assertThatThrownBy(() -> provider.openSocketChannel(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> provider.openServerSocketChannel(() -> "other"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void shouldNotChangeTheContextAfterItIsInUse() {
        VmcContext context = new VmcContext();
        assertThat(new VmcSelectorProvider(context).context()).isSameAs(context);
        assertThatThrownBy(() -> context.enabled(false)).isInstanceOf(IllegalStateException.class);
        VmcContext wrong = new VmcContext().ringMaxBytes(5000);
        assertThatThrownBy(() -> new VmcSelectorProvider(wrong)).hasMessageContaining(VmcContext.RING_MAX_PROPERTY);
    }

    @Test
    void shouldTellTheStateOfConnectionsWithoutAnImplementation() throws Exception {
        VmcSelectorProvider provider = new VmcSelectorProvider(new VmcContext());
        try (World w = new World(provider)) {
            World.Pair p = w.pair();
            p.client().write(World.bytes(1, 2, 3));
            p.server().read(java.nio.ByteBuffer.allocate(2));
            ConnectionInfo client = VmcConnections.info(p.client());
            ConnectionInfo server = VmcConnections.info(p.server().socket());
            assertThat(client.initiator()).isTrue();
            assertThat(server.initiator()).isFalse();
            assertThat(client.sending().path()).isEqualTo(org.xenvmc.transport.Path.TCP);
            assertThat(client.sending().reason()).isEqualTo(ReasonCode.NO_PROVIDER);
            assertThat(client.sending().bytes()).isEqualTo(3);
            assertThat(server.receiving().bytes()).isEqualTo(2);
            assertThat(client.local()).isEqualTo(server.remote());
            assertThat(provider.engine().connections()).containsExactlyInAnyOrder(client, server);
            assertThat(provider.engine().hostStatus().reason()).isEqualTo(ReasonCode.NO_PROVIDER);
            assertThatThrownBy(() -> provider.engine().joinHost("there")).hasMessageContaining("there");
            p.client().close();
            assertThat(VmcConnections.info(p.client()).sending().reason()).isEqualTo(ReasonCode.CLOSED);
            assertThat(provider.engine().connections()).hasSize(1);
        }
    }

    @Test
    void shouldFollowTheChannelBelowWhenThatIsClosedByInterrupt() throws Exception {
        try (World w = new World(new VmcSelectorProvider(new VmcContext()))) {
            SocketChannel c = w.pair().client();
            c.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            World.Background reader = w.background(() -> c.read(World.bytes(0))).blocked();
            reader.thread.interrupt();
            reader.outcome();
            assertThat(c.isOpen()).isFalse();
            assertThat(c.socket().isClosed()).isTrue();
        }
    }
}
