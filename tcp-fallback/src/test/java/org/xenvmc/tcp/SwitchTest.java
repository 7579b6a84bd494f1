package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Paths change while somebody reads, writes, waits, or does nothing; the stream stays the same. */
@Timeout(100)
class SwitchTest {
    private StreamPair pair;
    private StreamEnd a;
    private StreamEnd b;

    @BeforeEach
    void begin() throws Exception {
        pair = new StreamPair();
        a = pair.a;
        b = pair.b;
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    private void nonBlockingIf(boolean nonBlocking) throws Exception {
        if (nonBlocking) {
            a.nonBlocking();
            b.nonBlocking();
        }
    }

    private Path receiving() {
        return b.stream.info().receiving().path();
    }

    private static void awaitPath(StreamEnd end, Path path) {
        StreamPair.until(() -> end.stream.info().receiving().path() == path);
    }

    // ---- up

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGoOnInTheRingFromTheNextWrite(boolean nonBlocking) throws Exception {
        nonBlockingIf(nonBlocking);
        a.send(100);
        b.receive(100);
        FakeRing ring = pair.upgrade(a, b);
        assertThat(a.stream.info().sending().reason()).isEqualTo(ReasonCode.AWAITING_NEXT_WRITE);
        a.send(50);
        assertThat(ring.receiver.start()).isEqualTo(100);
        b.receive(50);
        assertThat(receiving()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(b.stream.info().receiving().ringBytes()).isEqualTo(50);
        assertThat(b.stream.info().sending().path()).isEqualTo(Path.TCP);
        b.send(10);
        a.receive(10);
    }

    @Test
    void shouldWakeAReaderThatIsParkedInTcp() throws Exception {
        Future<Void> reader = pair.start(() -> {
            b.receive(60);
            return null;
        });
        a.send(10);
        StreamPair.until(() -> b.received == 10);
        FakeRing ring = pair.upgrade(a, b);
        a.send(50);
        StreamPair.result(reader);
        assertThat(ring.receiver.fillBytes()).isZero();
        assertThat(receiving()).isEqualTo(Path.SHARED_MEMORY);
    }

    @Test
    void shouldTakeFromTcpWhatWasSentBeforeTheRing() throws Exception {
        a.send(3000);
        pair.upgrade(a, b);
        a.send(1000);
        for (int i = 0; i < 40; i++) {
            b.receive(100);
        }
    }

    @Test
    void shouldSwitchEachDirectionByItself() throws Exception {
        FakeRing there = pair.upgrade(a, b);
        FakeRing back = pair.upgrade(b, a);
        a.send(10);
        b.receive(10);
        assertThat(back.receiver.start()).isEqualTo(-1);
        b.send(20);
        a.receive(20);
        pair.downgrade(a, b);
        a.send(30);
        b.receive(30);
        b.send(40);
        a.receive(40);
        assertThat(receiving()).isEqualTo(Path.FRAMED_TCP);
        assertThat(a.stream.info().receiving().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(there.receiver.released()).isTrue();
        assertThat(back.receiver.released()).isFalse();
    }

    // ---- down

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGoOnInFramesAfterTheRing(boolean nonBlocking) throws Exception {
        nonBlockingIf(nonBlocking);
        a.send(5);
        b.receive(5);
        pair.upgrade(a, b);
        a.send(1000);
        b.receive(400);
        pair.downgrade(a, b);
        a.send(2000);
        b.receive(2600);
        assertThat(receiving()).isEqualTo(Path.FRAMED_TCP);
        assertThat(b.stream.drainedBytes()).isEqualTo(600);
    }

    @Test
    void shouldWakeAReaderThatIsParkedAtTheRing() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        a.send(10);
        Future<Void> reader = pair.start(() -> {
            b.receive(30);
            return null;
        });
        StreamPair.awaitParked(ring.receiver);
        pair.downgrade(a, b);
        assertThat(ring.receiver.released()).isTrue();
        a.send(20);
        StreamPair.result(reader);
    }

    @Test
    void shouldTakeAWriterOffAFullRing() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        Future<Integer> writer = pair.start(() -> a.write(3 * StreamPair.RING_BYTES, true));
        StreamPair.awaitParked(ring.sender);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(StreamPair.result(writer)).isEqualTo(3 * StreamPair.RING_BYTES);
        assertThat(ring.receiver.end()).isEqualTo(StreamPair.RING_BYTES);
        b.receive(3 * StreamPair.RING_BYTES);
        b.stream.leaveReceiver(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS);
    }

    @Test
    void shouldMakeNoDifferenceWhereNothingIsOnARing() throws Exception {
        a.send(10);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, 0)).isTrue();
        assertThat(b.stream.leaveReceiver(ReasonCode.MIGRATING, 0)).isTrue();
        assertThat(a.stream.senderDrained()).isTrue();
        a.send(10);
        b.receive(20);
        assertThat(receiving()).isEqualTo(Path.TCP);
    }

    @Test
    void shouldNotLeaveTheReceiverWhileThePeerHasNotEndedTheRing() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        a.send(10);
        b.receive(10);
        assertThat(b.stream.leaveReceiver(ReasonCode.MIGRATING, 1_000_000)).isFalse();
        assertThat(ring.receiver.released()).isFalse();
        assertThat(b.stream.usesSharedMemory()).isTrue();
        pair.downgrade(a, b);
        assertThat(b.stream.usesSharedMemory()).isFalse();
    }

    @Test
    void shouldWithdrawARingThatWasNeverUsed() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        pair.downgrade(a, b);
        assertThat(ring.sender.released()).isTrue();
        assertThat(ring.receiver.cancelled()).isTrue();
        assertThat(ring.receiver.released()).isTrue();
        a.send(10);
        b.receive(10);
        assertThat(receiving()).isEqualTo(Path.TCP);
        pair.upgrade(a, b);
        a.send(10);
        b.receive(10);
        assertThat(receiving()).isEqualTo(Path.SHARED_MEMORY);
    }

    // ---- a whole ring between two reads

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 700})
    void shouldNotStumbleOverTheStartFrameOfARingThatIsOverAlready(int unreadOnTcp) throws Exception {
        a.send(100);
        b.receive(100 - Math.min(100, unreadOnTcp));
        a.send(Math.max(0, unreadOnTcp - 100));
        pair.upgrade(a, b);
        a.send(10);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        a.send(20);
        b.receive(Math.max(100, unreadOnTcp) + 30 - (int) b.received);
        assertThat(receiving()).isEqualTo(Path.FRAMED_TCP);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 700})
    void shouldReadARingThatTheManagerHasEmptiedBeforeAnybodyLooked(int unreadOnTcp) throws Exception {
        a.send(unreadOnTcp);
        FakeRing ring = pair.upgrade(a, b);
        a.send(1234);
        pair.downgrade(a, b);
        assertThat(ring.receiver.released()).isTrue();
        assertThat(b.stream.drainedBytes()).isEqualTo(1234);
        a.send(20);
        b.receive(unreadOnTcp + 1254);
        pair.upgrade(a, b);
        a.send(20);
        b.receive(20);
        assertThat(receiving()).isEqualTo(Path.SHARED_MEMORY);
    }

    @Test
    void shouldSwitchAgainAndAgainWhileNobodyReads() throws Exception {
        pair.upgrade(a, b);
        a.send(10);
        pair.downgrade(a, b);
        a.send(10);
        assertThat(b.stream.upgradeObstacle())
                .as("the first ring is not read yet")
                .isEqualTo(ReasonCode.NEGOTIATING);
        b.receive(20);
        assertThat(b.stream.upgradeObstacle()).isEqualTo(ReasonCode.NONE);
    }

    /** The application has read all of the ring and does not read again: that must not keep the connection on TCP. */
    @Test
    void shouldBeUpgradableAgainWhenEverythingWasReadBeforeTheEnd() throws Exception {
        pair.upgrade(a, b);
        a.send(10);
        b.receive(10);
        pair.downgrade(a, b);
        assertThat(b.stream.upgradeObstacle()).isEqualTo(ReasonCode.NONE);
        assertThat(b.stream.usesSharedMemory()).isFalse();
    }

    // ---- often

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverTheStreamOverManySwitches(boolean nonBlocking) throws Exception {
        nonBlockingIf(nonBlocking);
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("SwitchTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 150; i++) {
            if (random.nextInt(4) > 0) {
                pair.upgrade(a, b);
            }
            exchange(random);
            if (random.nextBoolean()) {
                pair.downgrade(a, b);
                exchange(random);
            } else {
                assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                        .isTrue();
                b.receive((int) (a.sent - b.received));
                assertThat(b.stream.leaveReceiver(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                        .isTrue();
            }
            b.receive((int) (a.sent - b.received));
            b.readable(); // looks once more, as a selector would: leaves the ring
        }
    }

    private void exchange(Random random) throws Exception {
        for (int i = random.nextInt(5); i > 0; i--) {
            if (a.sent - b.received < 2000) {
                a.send(random.nextInt(random.nextInt(8) == 0 ? 2000 : 60));
            }
            int there = (int) (a.sent - b.received);
            b.receive(there == 0 ? 0 : random.nextInt(there + 1));
        }
    }

    @Test
    void shouldDeliverTheStreamToABlockedReaderWhileTheManagerSwitches() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        Future<Void> reader = pair.start(() -> {
            ByteBuffer dst = ByteBuffer.allocateDirect(10_000);
            while (b.stream.read(dst.clear(), StreamEnd.LIMIT_NS) > 0) {
                b.check(dst.flip());
            }
            return null;
        });
        Future<Void> writer = pair.start(() -> {
            while (!enough.get()) {
                a.write((int) (1 + a.sent % 9000), true);
            }
            a.stream.shutdownOutput();
            return null;
        });
        for (int i = 0; i < 60 && !reader.isDone() && !writer.isDone(); i++) {
            long before = a.sent;
            int step = i;
            pair.upgrade(a, b);
            StreamPair.until(() -> a.sent > before + step % 7 * 2000);
            pair.downgrade(a, b);
        }
        enough.set(true);
        StreamPair.result(writer);
        StreamPair.result(reader);
        assertThat(b.received).isEqualTo(a.sent);
        assertThat(a.stream.info().sending().switches()).isGreaterThan(60);
    }

    @Test
    void shouldScatterAndGatherOnEveryPath() throws Exception {
        for (int round = 0; round < 3; round++) {
            if (round == 1) {
                pair.upgrade(a, b);
            } else if (round == 2) {
                pair.downgrade(a, b);
            }
            ByteBuffer[] src = {
                ByteBuffer.wrap(StreamEnd.bytes(a.sent, 7)),
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(StreamEnd.bytes(a.sent + 7, 300)),
                ByteBuffer.wrap(StreamEnd.bytes(a.sent + 307, 3))
            };
            assertThat(a.stream.write(src, 0, 4, true)).isEqualTo(310);
            a.sent += 310;
            long got = 0;
            while (got < 310) {
                ByteBuffer[] dst = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(100), ByteBuffer.allocate(1000)};
                long n = b.stream.read(dst, 0, 3, StreamEnd.LIMIT_NS);
                assertThat(n).isPositive();
                got += n;
                for (ByteBuffer d : dst) {
                    b.check(d.flip());
                }
            }
            assertThat(got).isEqualTo(310);
        }
    }
}
