package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.TestSeed;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Two processes, of which one knows nothing of the library: it must see exactly the bytes of a plain connection. */
@Timeout(60)
class OneSidedProcessTest {
    private static final long BYTES = 20 << 20;

    private static long exchange(SelectorProvider provider, int port, long seed, Check check) throws Exception {
        try (SocketChannel c = provider.openSocketChannel()) {
            c.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            ThreadedClient client = new ThreadedClient(List.of(c), seed);
            Awaitility.await("bytes that came back")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        client.check();
                        return client.received() > BYTES;
                    });
            check.run(c);
            return client.finish();
        }
    }

    /** The child counts an end after it has sent it. */
    private static void awaitTotals(ChildVm child, String service, long sent) {
        Awaitility.await("totals of the echo")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> child.ask("totals " + service), (sent + " 1")::equals);
    }

    private interface Check {
        void run(SocketChannel channel) throws Exception;
    }

    @Test
    void shouldExchangePlainBytesWhenTheServerHasNoLibrary() throws Exception {
        long seed = TestSeed.next("server without library");
        Residue before = Residue.now();
        try (HostDirectory host = HostDirectory.create()) {
            try (Vm vm = Vm.on(host);
                    ChildVm child = ChildVm.withoutLibrary()) {
                long sent = exchange(vm.provider(), child.askPort("echo " + seed + " false"), seed, c -> {
                    assertThat(vm.info(c).sending().path()).isEqualTo(Path.TCP);
                    Awaitility.await("the VM has joined its host and looked for the peer")
                            .atMost(Duration.ofSeconds(30))
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> vm.info(c).sending().reason(), ReasonCode.NOT_CO_RESIDENT::equals);
                });
                awaitTotals(child, "echo", sent);
                child.exit();
            }
            before.awaitNothingNew(host::residue);
        }
    }

    @Test
    void shouldExchangePlainBytesWhenTheClientHasNoLibrary() throws Exception {
        long seed = TestSeed.next("client without library");
        for (String service : new String[] {"echo " + seed + " false", "select"}) {
            try (HostDirectory host = HostDirectory.create()) {
                try (ChildVm child = ChildVm.on(host)) {
                    int port = child.askPort(service);
                    long sent = exchange(SelectorProvider.provider(), port, seed, c -> assertThat(child.ask("paths"))
                            .isEqualTo("{receiving:TCP=1, sending:TCP=1}"));
                    awaitTotals(child, service.split(" ")[0], sent);
                    child.exit();
                }
                assertThat(host.residue()).isEmpty();
            }
        }
    }
}
