package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xenvmc.tcp.StreamPair.RING_BYTES;

import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.Path;

/** Waking the peer with a frame, where the memory has no interrupt. */
class WakeFrameTest {
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

    @Test
    void shouldKickBothRingsOfThePeer() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        FakeRing back = onRing(pair.b, pair.a);
        for (int i = 0; i < 50; i++) {
            int receiver = there.receiver.kicks();
            int sender = back.sender.kicks();
            pair.a.stream.wakePeer();
            StreamPair.until(() -> there.receiver.kicks() > receiver && back.sender.kicks() > sender);
        }
        pair.a.send(100);
        pair.b.receive(100);
    }

    @Test
    void shouldBeSentByTheWriterWhenOneIsInsideARing() throws Exception {
        FakeRing there = onRing(pair.a, pair.b);
        Future<?> writer = pair.start(() -> pair.a.write(3 * RING_BYTES, true));
        StreamPair.awaitParked(there.sender);
        for (int i = 0; i < 20; i++) {
            int before = there.receiver.kicks();
            pair.a.stream.wakePeer();
            StreamPair.until(() -> there.receiver.kicks() > before);
        }
        pair.b.receive(3 * RING_BYTES);
        StreamPair.result(writer);
    }

    @Test
    void shouldBeginARingInsteadWhileTcpIsPlain() throws Exception {
        pair.a.send(10);
        pair.upgrade(pair.a, pair.b);
        pair.a.stream.wakePeer();
        assertThat(pair.a.stream.info().sending().path()).isEqualTo(Path.SHARED_MEMORY);
        pair.a.send(100);
        pair.b.receive(110);
        assertThat(pair.b.stream.info().receiving().path()).isEqualTo(Path.SHARED_MEMORY);
    }

    @Test
    void shouldAddNothingToTheStreamWhenTcpIsPlainOrFramed() throws Exception {
        pair.a.stream.wakePeer();
        pair.a.send(10);
        pair.a.stream.wakePeer();
        pair.b.receive(10);
        onRing(pair.a, pair.b);
        pair.downgrade(pair.a, pair.b);
        for (int i = 0; i < 20; i++) {
            pair.a.stream.wakePeer();
            pair.a.send(1000);
            pair.a.stream.wakePeer();
            pair.b.receive(1000);
        }
        assertThat(pair.b.stream.info().receiving().path()).isEqualTo(Path.FRAMED_TCP);
        pair.a.stream.wakePeer();
        pair.a.stream.shutdownOutput();
        pair.b.receiveEnd();
    }

    @Test
    void shouldDoNothingAfterClose() throws Exception {
        onRing(pair.a, pair.b);
        pair.a.closeStream();
        pair.a.stream.wakePeer();
        pair.b.receiveEnd();
    }
}
