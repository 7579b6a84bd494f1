package org.xenvmc.tcp;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** What a selector asks, and what it is told. */
@Timeout(100)
class ReadinessTest {
    private StreamPair pair;
    private StreamEnd a;
    private StreamEnd b;

    @BeforeEach
    void begin() throws Exception {
        pair = new StreamPair();
        a = pair.a;
        b = pair.b;
        a.nonBlocking();
        b.nonBlocking();
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    private FakeRing onRing() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        a.send(10);
        b.receive(10);
        return ring;
    }

    @Test
    void shouldLeaveItToTcpWhileOnTcp() throws Exception {
        assertThat(a.stream.readyOps(OP_READ | OP_WRITE)).isZero();
        assertThat(a.stream.arm(OP_READ | OP_WRITE)).isZero();
        assertThat(a.stream.tcpInterestOps(OP_READ | OP_WRITE)).isEqualTo(OP_READ | OP_WRITE);
        assertThat(a.stream.tcpInterestOps(OP_READ)).isEqualTo(OP_READ);
        assertThat(a.stream.tcpReadyOps(OP_READ | OP_WRITE)).isEqualTo(OP_READ | OP_WRITE);
    }

    @Test
    void shouldNotWatchTcpWhileOnARing() throws Exception {
        onRing();
        assertThat(b.stream.tcpInterestOps(OP_READ | OP_WRITE)).isEqualTo(OP_WRITE);
        assertThat(a.stream.tcpInterestOps(OP_READ | OP_WRITE)).isEqualTo(OP_READ);
        assertThat(a.stream.readyOps(OP_READ | OP_WRITE)).isEqualTo(OP_WRITE);
        assertThat(b.stream.readyOps(OP_READ)).isZero();
        assertThat(b.stream.arm(OP_READ)).isZero();
        int before = b.told.get();
        a.send(1);
        assertThat(b.told.get()).isGreaterThan(before);
        assertThat(b.stream.readyOps(OP_READ)).isEqualTo(OP_READ);
        b.receive(1);
        assertThat(b.stream.readyOps(OP_READ)).isZero();
    }

    @Test
    void shouldTellAWriterWhenAFullRingHasRoom() throws Exception {
        onRing();
        a.send(StreamPair.RING_BYTES);
        assertThat(a.stream.readyOps(OP_WRITE)).isZero();
        assertThat(a.stream.arm(OP_WRITE)).isZero();
        assertThat(a.stream.tcpInterestOps(OP_WRITE)).isZero();
        int before = a.told.get();
        b.receive(100);
        assertThat(a.told.get()).isGreaterThan(before);
        assertThat(a.stream.readyOps(OP_WRITE)).isEqualTo(OP_WRITE);
        b.receive(StreamPair.RING_BYTES - 100);
    }

    @Test
    void shouldTellWhenTheRingEnds() throws Exception {
        onRing();
        assertThat(b.stream.arm(OP_READ)).isZero();
        int before = b.told.get();
        a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS);
        assertThat(b.told.get()).isGreaterThan(before);
        assertThat(b.stream.readyOps(OP_READ)).isZero();
        assertThat(b.stream.tcpInterestOps(OP_READ)).isEqualTo(OP_READ);
    }

    @Test
    void shouldBeReadableAtTheEnd() throws Exception {
        onRing();
        assertThat(b.stream.arm(OP_READ)).isZero();
        int before = b.told.get();
        a.stream.shutdownOutput();
        assertThat(b.told.get()).isGreaterThan(before);
        assertThat(b.stream.readyOps(OP_READ)).isEqualTo(OP_READ);
        assertThat(b.read(1, 0)).isEqualTo(-1);
        assertThat(b.stream.readyOps(OP_READ)).isEqualTo(OP_READ);
    }

    /** Kill -9: nothing is published, TCP ends. */
    @Test
    void shouldTellWhenTcpEndsBesideTheRing() throws Exception {
        onRing();
        assertThat(b.stream.arm(OP_READ)).isZero();
        int before = b.told.get();
        a.send(5);
        a.tcp.shutdownOutput();
        StreamPair.until(() -> b.told.get() > before + 1);
        StreamPair.until(b::readable);
        b.receive(5);
        b.receiveEnd();
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldBeReadyForEverythingAfterClose(Path path) throws Exception {
        if (path != Path.TCP) {
            onRing();
        }
        if (path == Path.FRAMED_TCP) {
            pair.downgrade(a, b);
        }
        int before = b.told.get();
        b.stream.fail(ReasonCode.PEER_GONE, "test");
        assertThat(b.told.get()).isGreaterThan(before);
        assertThat(b.stream.readyOps(OP_READ | OP_WRITE)).isEqualTo(OP_READ | OP_WRITE);
    }

    /** A selector that looks while a reader is inside is told when the reader comes out. */
    @Test
    void shouldTellWhenTheReaderComesOut() throws Exception {
        FakeRing ring = onRing();
        Future<Integer> reader = pair.start(() -> b.read(1, Long.MAX_VALUE));
        StreamPair.awaitParked(ring.receiver);
        assertThat(b.stream.readyOps(OP_READ)).isZero();
        assertThat(b.stream.arm(OP_READ)).isZero();
        a.send(2);
        StreamPair.result(reader);
        int before = b.told.get();
        StreamPair.until(() -> b.told.get() >= before && b.readable());
        b.receive(1);
    }

    /** Each message waits for the one before: a single lost notification ends the test. */
    @Test
    void shouldLoseNoNotificationWhilePathsChange() throws Exception {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("ReadinessTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> there = pair.start(pingPong(a, new Random(seed), true, done));
        Future<Void> back = pair.start(pingPong(b, new Random(seed), false, done));
        Random random = new Random(seed + 1);
        while (!there.isDone() && !back.isDone()) {
            StreamEnd from = random.nextBoolean() ? a : b;
            StreamEnd to = from == a ? b : a;
            FakeRing ring = pair.ring();
            StreamPair.until(() -> from.stream.senderDrained());
            if (to.tryReceiveOn(ring)) {
                from.sendOn(ring);
                Thread.yield();
                pair.downgrade(from, to);
            } else {
                ring.sender.release();
                ring.receiver.release();
            }
        }
        StreamPair.result(there);
        StreamPair.result(back);
        assertThat(a.stream.info().sending().switches()
                        + b.stream.info().sending().switches())
                .isGreaterThan(3);
    }

    private static Callable<Void> pingPong(StreamEnd end, Random lengths, boolean first, AtomicBoolean done) {
        return () -> {
            try (MiniSelector selector = new MiniSelector(end)) {
                for (int i = 0; i < 2_000 && !done.get(); i++) {
                    int length = 1 + lengths.nextInt(lengths.nextInt(50) == 0 ? 10_000 : 50);
                    if (first) {
                        selector.send(length);
                        selector.receive(length);
                    } else {
                        selector.receive(length);
                        selector.send(length);
                    }
                }
            } finally {
                done.set(true);
            }
            return null;
        };
    }
}
