package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** A connection between two sides that may differ in anything: library or none, rules, hosts. */
final class MixedPair implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int EXCHANGES = 50;
    private static final int BULK_BYTES = 3 << 20;

    private final ServerSocketChannel listener;
    private final SocketChannel client;
    private final SocketChannel server;
    private final StreamPattern pattern = new StreamPattern(77);

    MixedPair(SelectorProvider clientSide, SelectorProvider serverSide) throws IOException {
        listener = serverSide.openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        client = clientSide.openSocketChannel();
        client.connect(listener.getLocalAddress());
        server = listener.accept();
    }

    /** Another connection to the listener of a pair that there is already. */
    MixedPair(SelectorProvider clientSide, MixedPair existing) throws IOException {
        listener = existing.listener;
        client = clientSide.openSocketChannel();
        client.connect(listener.getLocalAddress());
        server = listener.accept();
    }

    SocketChannel client() {
        return client;
    }

    SocketChannel server() {
        return server;
    }

    /** Small messages to and fro; every byte is compared. */
    void assertWorksBriefly() throws IOException {
        for (int i = 0; i < EXCHANGES; i++) {
            exchange(i);
        }
    }

    /** Small messages to and fro, and a long stream each way; every byte is compared. */
    void assertWorks() throws Exception {
        assertWorksBriefly();
        for (SocketChannel[] ends :
                List.of(new SocketChannel[] {client, server}, new SocketChannel[] {server, client})) {
            Background<Void> writer = Background.run(() -> Io.send(ends[0], pattern, 0, BULK_BYTES, 70_000));
            Io.receive(ends[1], pattern, 0, BULK_BYTES, 64_000);
            writer.result();
        }
    }

    private void exchange(int i) throws IOException {
        client.write(pattern.bytes(i, 20));
        Io.receive(server, pattern, i, i + 20, 20);
        server.write(pattern.bytes(i + 7, 30));
        Io.receive(client, pattern, i + 7, i + 37, 30);
    }

    /** Exchanges messages until both directions of this end are on TCP for that reason. */
    void awaitReason(Vm vm, SocketChannel end, ReasonCode reason) {
        await(vm, end, "reason " + reason, d -> d.path() != Path.SHARED_MEMORY && d.reason() == reason);
    }

    /** Exchanges messages until both directions of this end are on this path. */
    void awaitPath(Vm vm, SocketChannel end, Path path) {
        await(vm, end, "path " + path, d -> d.path() == path);
    }

    private interface Wanted {
        boolean test(Direction direction);
    }

    private void await(Vm vm, SocketChannel end, String what, Wanted wanted) {
        int[] count = {0};
        Awaitility.await(what)
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> {
                    exchange(count[0]++);
                    ConnectionInfo info = vm.info(end);
                    assertThat(wanted.test(info.sending()) && wanted.test(info.receiving()))
                            .as("%s of %s; host %s", what, info, vm.engine().hostStatus())
                            .isTrue();
                });
    }

    /** A peer without the library sees an orderly end, and nothing else. */
    void assertEndsOrderly() throws IOException {
        client.shutdownOutput();
        assertThat(Io.readSome(server)).isEqualTo(-1);
        server.close();
        assertThat(Io.readSome(client)).isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        listener.close();
    }
}
