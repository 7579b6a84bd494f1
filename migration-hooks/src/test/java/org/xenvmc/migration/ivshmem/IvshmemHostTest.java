package org.xenvmc.migration.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** VMs of this process and of others, with a region of an ivshmem device between them that comes and goes. */
@Timeout(120)
class IvshmemHostTest {
    private static final String LEASE = "xenvmc.ivshmem.lease.ms";
    private static final int REGION_BYTES = 16 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final HostDirectory host = HostDirectory.device(REGION_BYTES);
    private Vm client;
    private Vm server;
    private SocketChannel a;
    private SocketChannel b;
    private final List<SocketChannel> more = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        System.setProperty(LEASE, "1500");
        client = Vm.on(host);
        server = Vm.on(host);
        try (ServerSocketChannel listener = server.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            a = client.provider().openSocketChannel();
            a.connect(listener.getLocalAddress());
            b = listener.accept();
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel c : more) {
            c.close();
        }
        a.close();
        b.close();
        client.close();
        server.close();
        System.clearProperty(LEASE);
        host.close();
    }

    private static void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no " + what, e);
        }
    }

    private boolean allOn(Path path) throws IOException {
        Io.write(a, "w");
        assertThat(Io.read(b, 1)).isEqualTo("w");
        Io.write(b, "w");
        assertThat(Io.read(a, 1)).isEqualTo("w");
        ConnectionInfo i = client.info(a);
        ConnectionInfo j = server.info(b);
        return i.sending().path() == path
                && i.receiving().path() == path
                && j.sending().path() == path
                && j.receiving().path() == path;
    }

    private void awaitShared() {
        await("shared memory", () -> allOn(Path.SHARED_MEMORY));
    }

    @Test
    void shouldGoOverTcpWithAReasonWhenThereIsNoDeviceAndMoveWhenItIsPluggedIn() throws Exception {
        awaitShared();
        client.leave();
        server.leave();
        host.unplug();
        Background<Void> joins = Background.start(() -> {
            try {
                client.engine().joinHost(host.name());
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("0x1110");
            }
            return null;
        });
        joins.result();
        assertThat(client.engine().hostStatus().reason()).isEqualTo(ReasonCode.NO_DEVICE);
        allOn(Path.FRAMED_TCP);
        assertThat(client.info(a).sending().reason()).isEqualTo(ReasonCode.NO_DEVICE);
        host.plug(REGION_BYTES);
        server.engine().joinHost(host.name()); // the client is not told: it looks
        awaitShared();
    }

    @Test
    void shouldLoseNoByteWhenTheDeviceIsUnpluggedAfterItWasAnnounced() throws Exception {
        long seed = TestSeed.next("announced");
        StreamPattern there = new StreamPattern(seed);
        StreamPattern back = new StreamPattern(seed + 1);
        long bytes = 24 << 20;
        awaitShared();
        Background<Void> writerA = sending(a, there, bytes);
        Background<Void> writerB = sending(b, back, bytes);
        Background<Void> readerA = receiving(a, back, bytes);
        Background<Void> readerB = receiving(b, there, bytes);
        for (int round = 0; round < 3; round++) {
            client.leave();
            server.leave();
            host.unplug();
            host.plug(REGION_BYTES);
            client.engine().joinHost(host.name());
            server.engine().joinHost(host.name());
        }
        writerA.result();
        writerB.result();
        readerA.result();
        readerB.result();
        awaitShared();
    }

    private static Background<Void> sending(SocketChannel c, StreamPattern pattern, long bytes) {
        return Background.start(() -> {
            Io.send(c, pattern, 0, bytes, 50_000);
            return null;
        });
    }

    private static Background<Void> receiving(SocketChannel c, StreamPattern pattern, long bytes) {
        return Background.start(() -> {
            Io.receive(c, pattern, 0, bytes, 40_000);
            return null;
        });
    }

    @Test
    void shouldGoOnOverTcpWhenTheDeviceVanishesWhileNothingIsUnderWay() throws Exception {
        long seed = TestSeed.next("vanishing");
        StreamPattern there = new StreamPattern(seed);
        StreamPattern back = new StreamPattern(seed + 1);
        awaitShared();
        long step = 300_000;
        for (long offset = 0; offset < 3 * step; offset += step) {
            long from = offset;
            Background<Void> reader = Background.start(() -> {
                Io.receive(a, back, from, from + step, 10_000);
                return null;
            });
            Background<Void> writer = Background.start(() -> {
                Io.send(a, there, from, from + step, 30_000);
                return null;
            });
            Io.receive(b, there, from, from + step, 20_000);
            Io.send(b, back, from, from + step, 7_000);
            writer.result();
            reader.result();
            Background<Integer> waiting =
                    Background.start(() -> Io.readSome(b)).insideOf("read"); // a reader sleeps beside the ring
            await(
                    "acknowledgement",
                    () -> client.info(a).sending().ringUnconfirmedBytes() == 0
                            && server.info(b).sending().ringUnconfirmedBytes() == 0);
            host.unplug();
            await(
                    "notice",
                    () -> client.engine().hostStatus().reason() == ReasonCode.MEMORY_WITHDRAWN
                            && server.engine().hostStatus().reason() == ReasonCode.MEMORY_WITHDRAWN);
            Io.write(a, "x");
            assertThat(waiting.result()).isEqualTo(1);
            assertThat(client.info(a).sending().path()).isEqualTo(Path.FRAMED_TCP);
            assertThat(server.info(b).receiving().path()).isEqualTo(Path.FRAMED_TCP);
            host.plug(REGION_BYTES);
            awaitShared();
        }
    }

    /** Both the end that sent the bytes and a reader that waits for them are told where and why. */
    @Test
    void shouldSayThatTheConnectionIsLostWhenBytesVanishWithTheDevice() throws Exception {
        awaitShared();
        await("acknowledgement", () -> server.info(b).sending().ringUnconfirmedBytes() == 0); // else b is a sender, too
        long before = client.info(a).sending().bytes();
        long written = Io.fill(nonBlocking(a), new StreamPattern(1));
        a.configureBlocking(true);
        assertThat(written).isPositive();
        host.unplug();
        Background<Integer> reading = Background.start(() -> b.read(ByteBuffer.allocate(1 << 20)));
        assertThatThrownBy(reading::result).satisfies(e -> expectWithdrawn(e, before, before));
        // of what it saw taken the sender knows ring bytes: it names a byte that is no later than the first that is
        // missing
        assertThatThrownBy(() -> a.write(ByteBuffer.allocate(1))).satisfies(e -> expectWithdrawn(e, 0, before));
        assertThatThrownBy(() -> a.read(ByteBuffer.allocate(1))).satisfies(e -> expectWithdrawn(e, 0, before));
    }

    private static void expectWithdrawn(Throwable thrown, long from, long to) {
        Throwable e = thrown;
        while (!(e instanceof ConnectionLostException) && e.getCause() != null) {
            e = e.getCause();
        }
        assertThat(e).isInstanceOf(ConnectionLostException.class);
        assertThat(((ConnectionLostException) e).reason()).isEqualTo(ReasonCode.MEMORY_WITHDRAWN);
        assertThat(((ConnectionLostException) e).offset()).isBetween(from, to);
    }

    @Test
    void shouldWakeASelectorWhenBytesVanishWithTheDevice() throws Exception {
        awaitShared();
        Io.fill(nonBlocking(a), new StreamPattern(1));
        nonBlocking(b);
        try (Selector one = client.provider().openSelector();
                Selector other = server.provider().openSelector()) {
            SelectionKey key = a.register(one, SelectionKey.OP_READ);
            Background<Integer> selecting =
                    Background.start(() -> one.select(20_000)).insideOf("select");
            host.unplug();
            assertThat(selecting.result()).isEqualTo(1);
            assertThat(key.isReadable()).isTrue();
            assertThatThrownBy(() -> a.read(ByteBuffer.allocate(1)))
                    .satisfies(e -> expectWithdrawn(e, 0, Long.MAX_VALUE));
            SelectionKey peers = b.register(other, SelectionKey.OP_READ);
            a.close(); // as an application does that is told so
            one.selectNow(); // and goes on selecting: until then its selector may hold the descriptor, as the
            // JDK's does
            await("end", () -> {
                other.select(100);
                return peers.isReadable();
            });
            await("error", () -> {
                try {
                    return b.read(ByteBuffer.allocate(1)) < 0;
                } catch (IOException e) {
                    expectWithdrawn(e, 0, Long.MAX_VALUE);
                    return true;
                }
            });
        }
    }

    private static SocketChannel nonBlocking(SocketChannel c) throws IOException {
        c.configureBlocking(false);
        return c;
    }

    @Test
    void shouldStayOnTcpWithAReasonWhenTheRegionIsFull() throws Exception {
        awaitShared();
        try (ServerSocketChannel listener = server.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
            await("full region", () -> {
                SocketChannel c = client.provider().openSocketChannel();
                more.add(c);
                c.connect(listener.getLocalAddress());
                SocketChannel s = listener.accept();
                more.add(s);
                for (int i = 0; i < 20; i++) {
                    Io.write(c, "ping");
                    assertThat(Io.read(s, 4)).isEqualTo("ping");
                }
                ReasonCode here = client.info(c).sending().reason();
                ReasonCode peers = server.info(s).sending().reason();
                return List.of(ReasonCode.BUDGET_EXHAUSTED, ReasonCode.PEER_WITHOUT_MEMORY)
                                .contains(here)
                        || peers == ReasonCode.BUDGET_EXHAUSTED;
            });
        }
        awaitShared();
    }

    @Test
    void shouldDeliverWhatWasWrittenWhenTheWriterIsKilledAndGiveItsPlaceToAnother() throws Exception {
        long seed = TestSeed.next("kill");
        long killAt = new Random(seed).nextInt(8 << 20);
        java.nio.file.Path progress = Files.createTempFile("xv-test", "progress");
        try (ServerSocketChannel listener = server.provider().openServerSocketChannel();
                ChildVm victim = ChildVm.on(host, "-D" + LEASE + "=1500")) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            victim.ask("write " + listener.socket().getLocalPort() + " " + seed + " " + progress);
            SocketChannel in = listener.accept();
            more.add(in);
            StreamPattern pattern = new StreamPattern(seed);
            ByteBuffer buffer = ByteBuffer.allocate(30_000);
            long offset = 0;
            boolean shared = false;
            boolean killed = false;
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer.clear())) {
                    pattern.verify(buffer.flip(), offset);
                    offset += n;
                    shared |= server.info(in).receiving().path() == Path.SHARED_MEMORY;
                    if (!killed && shared && offset >= killAt) {
                        killed = true;
                        victim.kill();
                    }
                }
            } catch (java.net.SocketException e) {
                assertThat(e).hasMessage("Connection reset");
            }
            assertThat(shared).isTrue();
            assertThat(offset)
                    .isGreaterThanOrEqualTo(
                            ByteBuffer.wrap(Files.readAllBytes(progress)).getLong());
            await("table without the dead", () -> server.engine().hostStatus().vms().stream()
                    .noneMatch(v -> v.pid() == victim.pid()));
        } finally {
            Files.delete(progress);
        }
        awaitShared();
    }
}
