package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.net.VmcSockets;

/**
 * Half close across two processes, as many protocols use it: send all, shut the output down, read the answer to its
 * end. The
 * library on both sides, on one, on none.
 */
@Timeout(60)
class HalfCloseProcessTest {
    private static final int BYTES = 3_000_000;

    private final StreamPattern pattern = new StreamPattern(43);

    @ParameterizedTest(name = "library in client {0}, in server {1}, {2}")
    @CsvSource({
        "false, false, echo 7 false",
        "true, false, echo 7 false",
        "false, true, echo 7 false",
        "false, true, select",
        "true, true, echo 7 false",
        "true, true, select"
    })
    void shouldReadTheWholeAnswerAfterShuttingTheOutputDown(boolean client, boolean server, String service)
            throws Exception {
        try (HostDirectory host = HostDirectory.create()) {
            try (Vm vm = Vm.on(host);
                    ChildVm child = server ? ChildVm.on(host) : ChildVm.withoutLibrary()) {
                InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), child.askPort(service));
                SelectorProvider provider = client ? vm.provider() : JdkSelectorProvider.get();
                for (int i = 0; i < 3; i++) {
                    byChannel(vm, provider, to, client && server && i == 1);
                }
                bySocket(client ? VmcSockets.socketFactory(vm.provider()).createSocket() : new Socket(), to);
                String totals = 4L * BYTES + (client && server ? warmUp : 0) + " 4";
                Awaitility.await("the server has seen four ends")
                        .atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> child.ask("totals " + service.split(" ")[0]), totals::equals);
                child.exit();
            }
            assertThat(host.residue()).isEmpty();
        }
    }

    private long warmUp;

    /** Once on shared memory from before the first byte on, otherwise going over in the middle. */
    private void byChannel(Vm vm, SelectorProvider provider, InetSocketAddress to, boolean settled) throws Exception {
        try (SocketChannel c = provider.openSocketChannel()) {
            c.connect(to);
            while (settled && vm.info(c).sending().path() != Path.SHARED_MEMORY) {
                Io.write(c, "w");
                assertThat(Io.read(c, 1)).isEqualTo("w");
                warmUp++;
            }
            Background<Void> writer = Background.run(() -> {
                Io.send(c, pattern, 0, BYTES, 50_000);
                c.shutdownOutput();
            });
            Io.receive(c, pattern, 0, BYTES, 70_000);
            assertThat(Io.readSome(c)).isEqualTo(-1);
            assertThat(Io.readSome(c)).isEqualTo(-1);
            writer.result();
        }
    }

    private void bySocket(Socket socket, InetSocketAddress to) throws Exception {
        try (socket) {
            socket.connect(to);
            Background<Void> writer = Background.run(() -> {
                socket.getOutputStream().write(pattern.bytes(0, BYTES).array());
                socket.shutdownOutput();
            });
            pattern.verify(ByteBuffer.wrap(socket.getInputStream().readAllBytes()), 0);
            writer.result();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
