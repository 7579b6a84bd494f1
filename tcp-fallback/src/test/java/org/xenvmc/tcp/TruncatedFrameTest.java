package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The peer's process dies while a part of a frame is still on its side. */
@Timeout(100)
class TruncatedFrameTest {
    private static final int PAYLOAD = 40;

    private RawPeer peer;
    private byte[] frame;

    /** Three bytes in a ring; what follows comes in frames. */
    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
        FakeRing ring = peer.attachRing();
        ring.sender.start(0);
        ring.sender.write(RawPeer.raw(0, 3));
        ring.sender.end(3);
        peer.send(RawPeer.frame(Frame.START, 0, 0));
        peer.end.receive(3);
        frame = RawPeer.join(RawPeer.frame(Frame.PROMISED, 3, PAYLOAD));
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    @ParameterizedTest
    @CsvSource({"1,0", "12,0", "-1,39", "-20,20", "-40,0"})
    void shouldBeAResetAfterTheBytesThatCame(int cut, int bytes) throws Exception {
        peer.send(frame, 0, cut > 0 ? cut : frame.length + cut);
        peer.tcp.close();
        peer.end.receive(bytes);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> peer.end.stream.read(ByteBuffer.allocate(10), StreamEnd.LIMIT_NS))
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0", "-20,20"})
    void shouldBeAResetForASelectorToo(int cut, int bytes) throws Exception {
        peer.end.nonBlocking();
        peer.send(frame, 0, cut > 0 ? cut : frame.length + cut);
        peer.tcp.close();
        assertThatThrownBy(() -> peer.end.receive(PAYLOAD))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
        assertThat(peer.end.received).isEqualTo(3 + bytes);
    }

    /** The write that was in progress knows how far it came. */
    @ParameterizedTest
    @CsvSource({"12,0", "-1,39", "-20,20", "-40,0"})
    void shouldBeTheEndWhenNothingWasPromised(int cut, int bytes) throws Exception {
        byte[] inProgress = RawPeer.join(RawPeer.frame(Frame.DATA, 3, PAYLOAD));
        peer.send(inProgress, 0, cut > 0 ? cut : inProgress.length + cut);
        peer.tcp.close();
        peer.end.receive(bytes);
        peer.end.receiveEnd();
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void shouldBeTheEndWhenTheFrameIsWhole(boolean selector) throws Exception {
        if (selector) {
            peer.end.nonBlocking();
        }
        peer.send(frame, 0, frame.length);
        peer.tcp.close();
        peer.end.receive(PAYLOAD);
        peer.end.receiveEnd();
    }
}
