package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

/** What a selector sees of the bytes. */
class ReadinessContractTest extends Contract {
    private final StreamPattern pattern = new StreamPattern(11);

    private Pair open() throws Exception {
        return pair().blocking(false);
    }

    @Test
    void shouldWakeWhenBytesCome() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        for (int i = 0; i < 5; i++) {
            Background<Integer> selecting = Background.start(s::select).insideOf("select");
            Io.write(p.server(), "x");
            assertThat(selecting.result()).isEqualTo(1);
            assertThat(k.readyOps()).isEqualTo(OP_READ);
            assertThat(Io.readSome(p.client())).isEqualTo(1);
            s.selectedKeys().clear();
            assertThat(s.selectNow()).isZero();
        }
    }

    @Test
    void shouldStayReadyUntilEverythingIsRead() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        p.server().write(pattern.bytes(0, 100));
        for (int i = 0; i < 100; i++) {
            assertThat(s.select(Io.LIMIT_MS)).as("byte %d", i).isEqualTo(1);
            s.selectedKeys().clear();
            ByteBuffer b = ByteBuffer.allocate(1);
            assertThat(p.client().read(b)).isEqualTo(1);
            pattern.verify(b.flip(), i);
        }
        assertThat(s.selectNow()).isZero();
    }

    @Test
    void shouldStayReadyAtTheEnd() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        Background<Integer> selecting = Background.start(s::select).insideOf("select");
        p.server().close();
        assertThat(selecting.result()).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            s.selectedKeys().clear();
            assertThat(s.select(Io.LIMIT_MS)).isEqualTo(1);
            assertThat(k.isReadable()).isTrue();
            assertThat(Io.readSome(p.client())).isEqualTo(-1);
        }
    }

    @Test
    void shouldBeWritableAgainWhenPeerReads() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE);
        assertThat(s.select()).isEqualTo(1);
        long written = Io.fill(p.client(), pattern);
        s.selectedKeys().clear();
        assertThat(s.selectNow()).as("writable after %d bytes", written).isZero();
        Background<Integer> selecting = Background.start(s::select).insideOf("select");
        p.server().configureBlocking(true);
        Io.receive(p.server(), pattern, 0, written, 64_000);
        assertThat(selecting.result()).isEqualTo(1);
        assertThat(k.isWritable()).isTrue();
        assertThat(p.client().write(pattern.bytes(written, 1))).isEqualTo(1);
        Io.receive(p.server(), pattern, written, written + 1, 1);
    }

    @Test
    void shouldSeeBytesThatCameBeforeRegistration() throws Exception {
        Pair p = open();
        p.server().write(pattern.bytes(0, 10));
        Io.awaitReady(p.client(), OP_READ);
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        assertThat(s.selectNow()).isEqualTo(1);
    }

    @Test
    void shouldReportToEverySelectorItIsRegisteredWith() throws Exception {
        Pair p = open();
        Selector a = world.selector(p.client());
        Selector b = world.selector(p.client());
        p.client().register(a, OP_READ);
        p.client().register(b, OP_READ | OP_WRITE);
        assertThat(b.select()).isEqualTo(1);
        Background<Integer> selecting = Background.start(a::select).insideOf("select");
        Io.write(p.server(), "x");
        assertThat(selecting.result()).isEqualTo(1);
        b.selectedKeys().clear();
        Io.selectUntil(b, p.client().keyFor(b), OP_READ | OP_WRITE);
        assertThat(a.keys()).hasSize(1);
        a.close();
        assertThat(Io.readSome(p.client())).isEqualTo(1);
        b.selectedKeys().clear();
        assertThat(b.selectNow()).isEqualTo(1);
        assertThat(p.client().keyFor(b).readyOps()).isEqualTo(OP_WRITE);
    }

    @Test
    void shouldWatchOnlyWhatIsOfInterest() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, 0);
        Io.write(p.server(), "x");
        Io.awaitReady(p.client(), OP_READ);
        assertThat(s.selectNow()).isZero();
        k.interestOps(OP_READ);
        assertThat(s.selectNow()).isEqualTo(1);
        s.selectedKeys().clear();
        k.interestOps(0);
        assertThat(s.selectNow()).isZero();
    }

    @Test
    void shouldTakeRegistrationWhileAnotherThreadSelects() throws Exception {
        Pair p = open();
        Pair q = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        Background<Integer> selecting = Background.start(s::select).insideOf("select");
        SelectionKey k = q.client().register(s, OP_READ);
        s.wakeup();
        assertThat(selecting.result()).isZero();
        Background<Integer> again = Background.start(s::select).insideOf("select");
        Io.write(q.server(), "x");
        assertThat(again.result()).isEqualTo(1);
        assertThat(s.selectedKeys()).containsExactly(k);
    }

    @Test
    void shouldFindTheReadyOnesAmongMany() throws Exception {
        int connections = 60;
        List<Pair> pairs = new ArrayList<>();
        Selector s = null;
        for (int i = 0; i < connections; i++) {
            Pair p = open();
            pairs.add(p);
            s = s == null ? world.selector(p.client()) : s;
            p.client().register(s, OP_READ, i);
        }
        assertThat(s.selectNow()).isZero();
        for (int round = 0; round < 30; round++) {
            int a = (round * 7) % connections;
            int b = (round * 7 + 31) % connections;
            Io.write(pairs.get(a).server(), "x");
            Io.write(pairs.get(b).server(), "x");
            List<Object> seen = new ArrayList<>();
            while (seen.size() < 2) {
                assertThat(s.select(Io.LIMIT_MS)).isPositive();
                for (SelectionKey k : s.selectedKeys()) {
                    assertThat(Io.readSome((java.nio.channels.ReadableByteChannel) k.channel()))
                            .isEqualTo(1);
                    seen.add(k.attachment());
                }
                s.selectedKeys().clear();
            }
            assertThat(seen).containsExactlyInAnyOrder(a, b);
            assertThat(s.selectNow()).isZero();
        }
    }

    @Test
    void shouldWatchDatagramsAndPipesBesideConnections() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        DatagramChannel d = world.track(world.client().openDatagramChannel());
        d.bind(world.anyPort());
        d.configureBlocking(false);
        Pipe pipe = world.client().openPipe();
        world.track(pipe.sink());
        world.track(pipe.source()).configureBlocking(false);
        SelectionKey datagram = d.register(s, OP_READ);
        SelectionKey piped = pipe.source().register(s, OP_READ);
        SelectionKey connected = p.client().register(s, OP_READ);
        Background<Integer> first = Background.start(s::select).insideOf("select");
        pipe.sink().write(Io.text("p"));
        assertThat(first.result()).isEqualTo(1);
        assertThat(s.selectedKeys()).containsExactly(piped);
        Io.write(p.server(), "c");
        Io.selectUntil(s, connected, OP_READ);
        assertThat(s.selectedKeys()).containsExactlyInAnyOrder(piped, connected);
        d.send(Io.text("d"), new InetSocketAddress(world.loopback(), d.socket().getLocalPort()));
        Io.selectUntil(s, datagram, OP_READ);
        assertThat(s.selectedKeys()).containsExactlyInAnyOrder(piped, connected, datagram);
        assertThat(datagram.channel()).isSameAs(d);
        assertThat(piped.channel()).isSameAs(pipe.source());
    }
}
