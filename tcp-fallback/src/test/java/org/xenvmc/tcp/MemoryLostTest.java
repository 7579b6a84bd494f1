package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xenvmc.tcp.StreamPair.RING_BYTES;

import java.nio.channels.SelectionKey;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.ByteStream;

/** The memory of the rings is withdrawn without notice. */
class MemoryLostTest {
    private StreamPair pair;

    @BeforeEach
    void open() throws Exception {
        pair = new StreamPair();
    }

    @AfterEach
    void close() throws Exception {
        pair.close();
    }

    private FakeRing onRing(StreamEnd from, StreamEnd to) throws Exception {
        FakeRing r = pair.upgrade(from, to);
        from.send(10);
        to.receive(10);
        assertThat(to.stream.info().receiving().path()).isEqualTo(Path.SHARED_MEMORY);
        return r;
    }

    private void lose(StreamEnd... ends) {
        for (StreamEnd e : ends) {
            e.stream.memoryLost(ReasonCode.MEMORY_WITHDRAWN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoOnOverTcpWhenEverythingWasTaken(boolean selector) throws Exception {
        if (selector) {
            pair.a.nonBlocking();
            pair.b.nonBlocking();
        }
        for (int round = 0; round < 10; round++) {
            onRing(pair.a, pair.b);
            onRing(pair.b, pair.a);
            lose(pair.a, pair.b);
            pair.a.send(2000);
            pair.b.send(3000);
            pair.b.receive(2000);
            pair.a.receive(3000);
            assertThat(pair.a.stream.info().sending().path()).isEqualTo(Path.FRAMED_TCP);
            assertThat(pair.a.stream.info().receiving().path()).isEqualTo(Path.FRAMED_TCP);
        }
    }

    @Test
    void shouldGoOnWhenTheSenderNoticesFirstAndAReaderSleeps() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        Future<?> reader = pair.start(() -> {
            pair.b.receive(500);
            return null;
        });
        StreamPair.awaitParked(there.receiver);
        lose(pair.a);
        pair.a.send(500);
        lose(pair.b);
        StreamPair.result(reader);
    }

    @Test
    void shouldTellTheEndAgainWhenOnlyTheRingHadIt() throws Exception {
        onRing(pair.a, pair.b);
        pair.a.stream.shutdownOutput();
        lose(pair.a, pair.b);
        pair.b.receiveEnd();
    }

    @Test
    void shouldFailAndNotGoOnWhenBytesWereUnderWay() throws Exception {
        onRing(pair.a, pair.b);
        onRing(pair.b, pair.a);
        pair.a.send(100);
        lose(pair.a, pair.b);
        assertThatThrownBy(() -> pair.a.send(1)).satisfies(e -> expectLost(e, 10));
        assertThatThrownBy(() -> pair.a.receive(1)).satisfies(e -> expectLost(e, 10));
        pair.a.closeStream(); // as an application does then
        assertThatThrownBy(() -> pair.b.receive(1)).satisfies(e -> expectLost(e, 10));
        assertThat(pair.b.received).as("bytes of the ring that was lost").isEqualTo(10);
    }

    /** The error names the first byte that is not delivered, and why. */
    private static void expectLost(Throwable e, long offset) {
        assertThat(e).isInstanceOf(ConnectionLostException.class).hasMessageContaining("withdrawn");
        assertThat(((ConnectionLostException) e).reason()).isEqualTo(ReasonCode.MEMORY_WITHDRAWN);
        assertThat(((ConnectionLostException) e).offset()).isEqualTo(offset);
    }

    @Test
    void shouldNameTheFirstByteThatThePeerMayLackWhenItTookSome() throws Exception {
        onRing(pair.a, pair.b);
        pair.a.send(100);
        pair.b.receive(30);
        lose(pair.a);
        assertThatThrownBy(() -> pair.a.send(1)).satisfies(e -> expectLost(e, 40));
    }

    @Test
    void shouldTellAReaderThatIsBlockedWhatWasLost() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        Future<?> reader = pair.start(() -> {
            pair.b.receive(500);
            return null;
        });
        StreamPair.awaitParked(there.receiver);
        lose(pair.b); // it goes on to wait for a frame
        pair.a.send(100);
        lose(pair.a);
        assertThatThrownBy(() -> StreamPair.result(reader))
                .isInstanceOf(ExecutionException.class)
                .satisfies(e -> expectLost(e.getCause(), 10));
    }

    @Test
    void shouldMakeASelectorsChannelReadyWhenBytesAreLost() throws Exception {
        pair.a.nonBlocking();
        pair.b.nonBlocking();
        onRing(pair.a, pair.b);
        onRing(pair.b, pair.a);
        pair.a.send(100);
        int told = pair.a.told.get();
        lose(pair.a, pair.b);
        assertThat(pair.a.told.get()).isGreaterThan(told);
        assertThat(pair.a.stream.readyOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE))
                .as("both operations throw")
                .isEqualTo(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        assertThatThrownBy(() -> pair.a.read(1, ByteStream.NON_BLOCKING)).satisfies(e -> expectLost(e, 10));
        pair.a.closeStream(); // as every application does that is told so
        assertThat(pair.b.stream.tcpInterestOps(SelectionKey.OP_READ))
                .as("the reset is seen")
                .isEqualTo(SelectionKey.OP_READ);
        assertThatThrownBy(() -> pair.b.receive(1)).satisfies(e -> expectLost(e, 10));
    }

    /** The peer notices first, and its reset is quicker than the news of the loss. */
    @Test
    void shouldSayWhatWasLostWhenThePeersResetComesFirst() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        Future<?> reader = pair.start(() -> {
            pair.b.receive(500);
            return null;
        });
        StreamPair.awaitParked(there.receiver);
        there.vanish();
        pair.a.stream.fail(ReasonCode.MEMORY_WITHDRAWN, "as if it had noticed");
        assertThatThrownBy(() -> StreamPair.result(reader))
                .isInstanceOf(ExecutionException.class)
                .satisfies(e -> expectLost(e.getCause(), 10));
    }

    /** A peer that was killed ends TCP as if nothing were wrong. */
    @Test
    void shouldNotTakeTheEndOfTcpForTheEndOfTheStreamWhenTheRingIsLost() throws Exception {
        onRing(pair.a, pair.b);
        pair.a.send(100);
        lose(pair.b);
        pair.a.tcp.shutdownOutput(); // what the kernel does for a process that is gone
        assertThatThrownBy(() -> pair.b.receive(1)).satisfies(e -> expectLost(e, 10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTakeAnOrderlyCloseForTheEndWhenNothingIsMissing(boolean bothWays) throws Exception {
        onRing(pair.a, pair.b);
        if (bothWays) {
            onRing(pair.b, pair.a);
        }
        lose(pair.a, pair.b);
        pair.a.closeStream();
        pair.b.receiveEnd();
    }

    @Test
    void shouldTakeTheEndForTheEndWhenTheSenderWentOnAfterTheLoss() throws Exception {
        onRing(pair.a, pair.b);
        lose(pair.a, pair.b);
        pair.a.send(50);
        pair.a.stream.shutdownOutput();
        pair.b.receive(50);
        pair.b.receiveEnd();
    }

    @Test
    void shouldWakeAWriterThatWaitsForRoom() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        Future<Integer> writer = pair.start(() -> pair.a.write(3 * RING_BYTES, true));
        StreamPair.awaitParked(there.sender);
        lose(pair.a, pair.b);
        try {
            assertThat(StreamPair.result(writer)).as("cut short").isLessThan(3 * RING_BYTES);
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(ConnectionLostException.class);
        }
        assertThatThrownBy(() -> pair.a.send(1)).isInstanceOf(ConnectionLostException.class);
    }

    @Test
    void shouldFailWhenARingWasAboutToBeUsedAndTcpIsPlain() throws Exception {
        pair.a.send(10);
        pair.upgrade(pair.a, pair.b);
        lose(pair.b);
        assertThatThrownBy(() -> pair.b.receive(11)).isInstanceOf(ConnectionLostException.class);
    }

    @Test
    void shouldUseAgreedRingsWhenNobodyWrites() throws Exception {
        pair.a.send(10);
        pair.b.receive(10);
        pair.upgrade(pair.a, pair.b);
        pair.a.stream.prepareForLoss();
        pair.b.stream.prepareForLoss();
        assertThat(pair.a.stream.info().sending().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(pair.b.stream.info().receiving().path()).isEqualTo(Path.SHARED_MEMORY);
        lose(pair.a, pair.b);
        pair.a.send(1000);
        pair.b.receive(1000);
    }
}
