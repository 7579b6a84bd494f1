package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Half close, close, abort and failure, on whatever path the directions are. */
@Timeout(100)
class EndingTest {
    private static final Set<String> BLOCKING = Set.of("read0", "write0", "writev0", "poll", "park");

    private StreamPair pair;
    private StreamEnd a;
    private StreamEnd b;
    private FakeRing there;

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

    /** Brings both directions onto this path; 100 bytes have gone each way by then, and are read. */
    private void bothOn(Path path) throws Exception {
        if (path != Path.TCP) {
            there = pair.upgrade(a, b);
            pair.upgrade(b, a);
        }
        exchange();
        if (path == Path.FRAMED_TCP) {
            pair.downgrade(a, b);
            pair.downgrade(b, a);
            exchange();
        }
        assertThat(b.stream.info().receiving().path()).isEqualTo(path);
        assertThat(a.stream.info().receiving().path()).isEqualTo(path);
    }

    private void exchange() throws Exception {
        a.send(50);
        b.receive(50);
        b.send(50);
        a.receive(50);
    }

    private Future<Integer> parkedReader(StreamEnd end, Path path) {
        Future<Integer> reader = pair.start(() -> end.read(10, Long.MAX_VALUE));
        if (path == Path.SHARED_MEMORY && end == b) {
            StreamPair.awaitParked(there.receiver);
        } else {
            awaitBlocked();
        }
        return reader;
    }

    /** Until a test thread is inside a blocking call of the kernel, or waits. */
    private static void awaitBlocked() {
        StreamPair.until(() -> Thread.getAllStackTraces().entrySet().stream()
                .filter(e -> e.getKey().getName().equals("test") && e.getValue().length > 0)
                .anyMatch(e -> BLOCKING.contains(e.getValue()[0].getMethodName())));
    }

    private static Throwable failure(Future<?> f) throws Exception {
        try {
            Object result = f.get(30, TimeUnit.SECONDS);
            throw new AssertionError("it returned " + result);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    // ---- half close

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldDeliverEverythingThenTheEndAfterShutdownOutput(Path path) throws Exception {
        bothOn(path);
        a.send(500);
        a.stream.shutdownOutput();
        assertThatThrownBy(() -> a.write(1, true)).isInstanceOf(ClosedChannelException.class);
        b.receive(500);
        b.receiveEnd();
        b.receiveEnd();
        b.send(700);
        a.receive(700);
        b.stream.shutdownOutput();
        a.receiveEnd();
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldWakeAParkedReaderByThePeersShutdownOutput(Path path) throws Exception {
        bothOn(path);
        Future<Integer> reader = parkedReader(b, path);
        a.stream.shutdownOutput();
        assertThat(StreamPair.result(reader)).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldWakeAParkedReaderByShutdownInput(Path path) throws Exception {
        bothOn(path);
        Future<Integer> reader = parkedReader(b, path);
        b.stream.shutdownInput();
        assertThat(StreamPair.result(reader)).isEqualTo(-1);
        b.send(10);
        a.receive(10);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldEndABlockedWriterByShutdownOutput(Path path) throws Exception {
        bothOn(path);
        Future<Integer> writer = blockedWriter(path);
        a.stream.shutdownOutput();
        boolean partial = drainUntilEnd(writer);
        assertThat(partial).isTrue();
    }

    /** A writer that nobody reads from. */
    private Future<Integer> blockedWriter(Path path) throws Exception {
        Future<Integer> writer = pair.start(() -> a.write(64 << 20, true));
        if (path == Path.SHARED_MEMORY) {
            StreamPair.awaitParked(there.sender);
        } else {
            StreamPair.until(() -> b.tcp.socket().getInputStream().available() > 0);
            awaitBlocked();
        }
        return writer;
    }

    /** Reads up to the end; whether that is what the writer says it has written. */
    private boolean drainUntilEnd(Future<Integer> writer) throws Exception {
        ByteBuffer dst = ByteBuffer.allocate(100_000);
        while (b.stream.read(dst.clear(), StreamEnd.LIMIT_NS) >= 0) {
            b.check(dst.flip());
        }
        return StreamPair.result(writer) == b.received - (a.sent - StreamPair.result(writer)) && b.received == a.sent;
    }

    // ---- close

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldDeliverEverythingThenTheEndAfterClose(Path path) throws Exception {
        bothOn(path);
        a.send(500);
        a.closeStream();
        b.receive(500);
        b.receiveEnd();
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldDeliverWhatWasSentWhenThePeerHalfClosesLater(Path path) throws Exception {
        bothOn(path);
        a.send(500);
        a.closeStream();
        b.stream.shutdownOutput();
        b.receive(500);
        b.receiveEnd();
    }

    /** The kernel says so of TCP; of a ring nobody else remembers it. */
    @Test
    void shouldKeepThePipeBrokenWhenThePathChanges() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        there.receiver.close(true);
        assertThatThrownBy(() -> a.write(1, true)).isExactlyInstanceOf(IOException.class);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThatThrownBy(() -> a.write(1, true))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Broken pipe");
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldResetThePeerWhenClosedWithUnreadData(Path path) throws Exception {
        bothOn(path);
        b.send(300);
        awaitReadableBytes();
        a.closeStream();
        assertThatThrownBy(() -> {
                    while (b.read(100, StreamEnd.LIMIT_NS) >= 0) {
                        // takes what came before
                    }
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private void awaitReadableBytes() {
        boolean framed = a.stream.info().receiving().path() == Path.FRAMED_TCP;
        StreamPair.until(() -> framed ? a.tcp.socket().getInputStream().available() > 0 : a.stream.available() > 0);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldResetThePeerWhenTheLingerTimeIsZero(Path path) throws Exception {
        bothOn(path);
        a.tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
        a.closeStream();
        assertThatThrownBy(() -> b.read(100, StreamEnd.LIMIT_NS))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldEndAParkedReaderWhenClosedByAnotherThread(Path path) throws Exception {
        bothOn(path);
        Future<Integer> reader = parkedReader(b, path);
        b.closeStream();
        assertThat(failure(reader)).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldEndABlockedWriterWhenClosedByAnotherThread(Path path) throws Exception {
        bothOn(path);
        Future<Integer> writer = blockedWriter(path);
        Future<Void> closer = pair.start(() -> {
            a.closeStream();
            return null;
        });
        StreamPair.result(closer);
        assertThat(StreamPair.result(writer)).isPositive();
        ByteBuffer dst = ByteBuffer.allocate(100_000);
        while (b.stream.read(dst.clear(), StreamEnd.LIMIT_NS) >= 0) {
            b.check(dst.flip());
        }
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldFailTheWriterWhenThePeerHasClosed(Path path) throws Exception {
        bothOn(path);
        b.closeStream();
        assertThatThrownBy(() -> {
                    long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
                    while (System.nanoTime() - deadline < 0) {
                        a.write(1, true);
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void shouldRefuseEverythingAfterClose() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        a.closeStream();
        assertThatThrownBy(() -> a.read(1, 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> a.write(1, false)).isInstanceOf(ClosedChannelException.class);
        assertThat(a.stream.attachReceiver(new FakeRing(10).receiver)).isFalse();
        assertThat(a.stream.upgradeObstacle()).isEqualTo(ReasonCode.CLOSED);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(a.stream.leaveReceiver(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
    }

    // ---- failure

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldTellAParkedReaderOfAFailure(Path path) throws Exception {
        bothOn(path);
        Future<Integer> reader = parkedReader(b, path);
        b.stream.fail(ReasonCode.MIGRATING, "test");
        assertThat(failure(reader)).isInstanceOf(ConnectionLostException.class).hasMessageContaining("test");
        assertThatThrownBy(() -> b.read(1, 0)).isInstanceOf(ConnectionLostException.class);
        assertThatThrownBy(() -> b.write(1, true)).isInstanceOf(ConnectionLostException.class);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldTellABlockedWriterOfAFailure(Path path) throws Exception {
        bothOn(path);
        Future<Integer> writer = blockedWriter(path);
        a.stream.fail(ReasonCode.MIGRATING, "test");
        assertThat(StreamPair.result(writer)).as("what it has written").isPositive();
        assertThatThrownBy(() -> a.write(1, true)).isInstanceOf(ConnectionLostException.class);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldNotLookLikeAnOrderlyEndToThePeerOfAFailedStream(Path path) throws Exception {
        bothOn(path);
        a.send(30);
        a.stream.fail(ReasonCode.MIGRATING, "test");
        a.closeStream();
        assertThatThrownBy(() -> {
                    while (b.read(100, StreamEnd.LIMIT_NS) >= 0) {
                        // takes what came before
                    }
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void shouldFailWhenTheRingHoldsGarbage() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        there.violate("ring violation by the peer: garbage");
        assertThatThrownBy(() -> b.read(10, StreamEnd.LIMIT_NS))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("garbage");
        assertThatThrownBy(() -> a.write(10, true)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldFailWhenTheEndDoesNotFitWhatWasInTheRing() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        there.sender.end(77_777);
        assertThatThrownBy(() -> b.read(10, StreamEnd.LIMIT_NS))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("77777");
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(longs = {0, 49, 51, 1L << 40, Long.MAX_VALUE - 1, Long.MIN_VALUE})
    void shouldFailAndNotHangWhenAnUnusedRingHasANonsenseEnd(long nonsense) throws Exception {
        a.send(50);
        FakeRing ring = pair.ring();
        b.receiveOn(ring);
        ring.sender.start(50);
        ring.sender.end(nonsense);
        Future<Boolean> left = pair.start(() -> b.stream.leaveReceiver(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS));
        StreamPair.result(left);
        assertThatThrownBy(() -> b.read(100, StreamEnd.LIMIT_NS)).isInstanceOf(ConnectionLostException.class);
        ring.sender.release();
    }

    // ---- the peer's VM

    @Test
    void shouldGoOnAfterThePeerLeftInOrderAndCameBack() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        a.send(10);
        assertThat(a.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(b.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(b.stream.peerGone()).as("unfinished").isFalse();
        assertThat(a.stream.peerGone()).as("unfinished").isFalse();
        exchange();
        b.receive(10);
        exchange();
        pair.downgrade(a, b);
        pair.downgrade(b, a);
        bothOn(Path.SHARED_MEMORY);
        exchange();
    }

    @Test
    void shouldSayThatARingWithoutAnEndIsLeftBehind() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        assertThat(b.stream.peerGone()).isTrue();
        b.stream.fail(ReasonCode.PEER_GONE, "left");
        assertThatThrownBy(() -> b.read(1, StreamEnd.LIMIT_NS)).isInstanceOf(ConnectionLostException.class);
    }

    @Test
    void shouldForgetAnUnusedRingOfAPeerThatIsGone() throws Exception {
        FakeRing ring = pair.upgrade(a, b);
        assertThat(b.stream.peerGone()).isFalse();
        assertThat(a.stream.peerGone()).isFalse();
        assertThat(ring.receiver.released()).isTrue();
        assertThat(ring.sender.released()).isTrue();
        exchange();
    }
}
