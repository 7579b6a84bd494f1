package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.Path;

/** Reads with a time-out (Socket.setSoTimeout), on every path and over switches. */
@Timeout(100)
class TimedReadTest {
    private static final long SHORT_NS = 20_000_000;

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

    private void on(Path path) throws Exception {
        if (path != Path.TCP) {
            pair.upgrade(a, b);
        }
        a.send(20);
        b.receive(20);
        if (path == Path.FRAMED_TCP) {
            pair.downgrade(a, b);
            a.send(20);
            b.receive(20);
        }
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldThrowAndLeaveTheStreamUnharmed(Path path) throws Exception {
        on(path);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> b.read(10, SHORT_NS)).isInstanceOf(SocketTimeoutException.class);
            a.send(10);
            assertThat(b.read(10, StreamEnd.LIMIT_NS)).isEqualTo(10);
        }
        a.stream.shutdownOutput();
        assertThat(b.read(10, StreamEnd.LIMIT_NS)).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldReadWhatComesInTime(Path path) throws Exception {
        on(path);
        Future<Integer> reader = pair.start(() -> b.read(10, StreamEnd.LIMIT_NS));
        a.send(3);
        assertThat(StreamPair.result(reader)).isBetween(1, 3);
    }

    @Test
    void shouldGoOnWaitingOverSwitches() throws Exception {
        on(Path.TCP);
        for (int i = 0; i < 20; i++) {
            Future<Integer> reader = pair.start(() -> b.read(1, StreamEnd.LIMIT_NS));
            pair.upgrade(a, b);
            if (i % 2 == 0) {
                a.send(1);
                assertThat(StreamPair.result(reader)).isEqualTo(1);
                pair.downgrade(a, b);
            } else {
                pair.downgrade(a, b);
                a.send(1);
                assertThat(StreamPair.result(reader)).isEqualTo(1);
            }
        }
    }

    /** Half a frame is no data: the time runs on, and what came is kept. */
    @Test
    void shouldThrowInTheMiddleOfAFrameAndGoOnThere() throws Exception {
        RawPeer peer = new RawPeer();
        try {
            FakeRing ring = peer.attachRing();
            ring.sender.start(0);
            ring.sender.end(0);
            byte[] bytes = RawPeer.join(RawPeer.frame(Frame.START, 0, 0), RawPeer.frame(Frame.DATA, 0, 5));
            peer.send(bytes, 0, 25);
            assertThatThrownBy(() -> peer.end.read(10, SHORT_NS)).isInstanceOf(SocketTimeoutException.class);
            peer.send(bytes, 25, 34);
            peer.end.receive(2);
            assertThatThrownBy(() -> peer.end.read(10, SHORT_NS)).isInstanceOf(SocketTimeoutException.class);
            peer.send(bytes, 34, 37);
            peer.end.receive(3);
        } finally {
            peer.close();
        }
    }
}
