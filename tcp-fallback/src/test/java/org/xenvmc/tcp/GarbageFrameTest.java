package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.ConnectionLostException;

/** What is not a frame, or not the right one, ends the connection with an error that says where. */
@Timeout(100)
class GarbageFrameTest {
    private RawPeer peer;

    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    private static ByteBuffer header(int magic, int version, int type, int length, long offset) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.BIG_ENDIAN)
                .putShort((short) magic)
                .put((byte) version)
                .put((byte) type)
                .putInt(length)
                .putLong(offset)
                .flip();
    }

    static List<ByteBuffer> garbage() {
        return List.of(
                header(0x5856, 1, 0, 0, 8),
                header(0x5856, 1, 6, 0, 8),
                header(0x5856, 1, -1, 0, 8),
                header(0x5856, 2, Frame.DATA, 1, 8),
                header(0x5857, 1, Frame.DATA, 1, 8),
                header(0, 0, 0, 0, 0),
                header(0x5856, 1, Frame.DATA, 0, 8),
                header(0x5856, 1, Frame.DATA, -1, 8),
                header(0x5856, 1, Frame.DATA, Frame.MAX_PAYLOAD + 1, 8),
                header(0x5856, 1, Frame.DATA, Integer.MAX_VALUE, 8),
                header(0x5856, 1, Frame.DATA, Integer.MIN_VALUE, 8),
                header(0x5856, 1, Frame.START, 1, 8),
                header(0x5856, 1, Frame.FIN, 1, 8),
                header(0x5856, 1, Frame.NOP, 1, 8),
                header(0x5856, 1, Frame.DATA, 4, 7), // repeats
                header(0x5856, 1, Frame.DATA, 4, 9), // leaves out
                header(0x5856, 1, Frame.DATA, 4, -1),
                header(0x5856, 1, Frame.FIN, 0, 7),
                header(0x5856, 1, Frame.FIN, 0, 9),
                header(0x5856, 1, Frame.START, 0, 8), // without a ring
                header(0x5856, 1, Frame.START, 0, 5)); // the frame of the ring before, once more
    }

    /** Five bytes raw, three in a ring, then frames. */
    private void onFrames(boolean read) throws IOException {
        FakeRing ring = peer.attachRing();
        ring.sender.start(5);
        ring.sender.write(RawPeer.raw(5, 3));
        ring.sender.end(8);
        peer.send(RawPeer.raw(0, 5), RawPeer.frame(Frame.START, 5, 0));
        if (read) {
            peer.end.receive(8);
        }
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void shouldFailAtTheOffsetWhereItIsMet(ByteBuffer garbage) throws Exception {
        onFrames(true);
        peer.send(garbage);
        assertThatThrownBy(() -> peer.end.read(10, StreamEnd.LIMIT_NS))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("offset 8 ")
                .hasMessageContaining("PROTOCOL_VIOLATION");
        assertThatThrownBy(() -> peer.end.write(10, true)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void shouldFailWhenASelectorMeetsIt(ByteBuffer garbage) throws Exception {
        peer.end.nonBlocking();
        onFrames(false);
        peer.readAllThere(8);
        peer.send(garbage);
        assertThatThrownBy(() -> {
                    long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
                    while (System.nanoTime() - deadline < 0) {
                        peer.selectAndRead(ByteBuffer.allocate(10));
                    }
                })
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("offset 8 ");
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void shouldDeliverNothingButTheStreamBeforeItFails(ByteBuffer garbage) throws Exception {
        onFrames(false);
        peer.send(garbage);
        assertThatThrownBy(this::readOn).isInstanceOf(ConnectionLostException.class);
        assertThat(peer.end.received).isBetween(5L, 8L);
    }

    private void readOn() throws IOException {
        while (peer.end.received < 100) {
            peer.end.read(10, StreamEnd.LIMIT_NS);
        }
    }

    /** The loop meets it while the ring carries the data. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFailWhenGarbageComesBesideTheRing(boolean nonBlocking) throws Exception {
        if (nonBlocking) {
            peer.end.nonBlocking();
        }
        FakeRing ring = peer.attachRing();
        ring.sender.start(0);
        ring.sender.write(RawPeer.raw(0, 3));
        peer.send(RawPeer.frame(Frame.START, 0, 0));
        peer.end.receive(3);
        peer.send(header(0x1234, 1, 1, 1, 1));
        assertThatThrownBy(() -> {
                    long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
                    while (System.nanoTime() - deadline < 0) {
                        peer.end.read(10, nonBlocking ? 0 : StreamEnd.LIMIT_NS);
                    }
                })
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("PROTOCOL_VIOLATION");
    }

    @Test
    void shouldFailWhenGarbageStandsInPlaceOfTheStartFrame() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(5);
        ring.sender.write(RawPeer.raw(5, 3));
        peer.send(RawPeer.raw(0, 5), header(0x1234, 1, 1, 1, 1));
        assertThatThrownBy(this::readOn).isInstanceOf(ConnectionLostException.class);
        assertThat(peer.end.received).isBetween(5L, 8L);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 4, Long.MIN_VALUE, -2})
    void shouldFailWhenTheStartLiesBehind(long start) throws Exception {
        FakeRing ring = peer.attachRing();
        peer.send(RawPeer.raw(0, 5));
        peer.end.receive(5);
        ring.sender.start(start);
        peer.send(RawPeer.raw(5, 5));
        assertThatThrownBy(() -> peer.end.read(10, StreamEnd.LIMIT_NS))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("start");
    }

    @Test
    void shouldFailWhenTheStartFrameAndTheRingDiffer() throws Exception {
        onFrames(true);
        peer.end.readable(); // looks once more, and leaves the first ring
        FakeRing second = new FakeRing(100);
        peer.end.receiveOn(second);
        second.sender.start(9);
        peer.send(RawPeer.frame(Frame.START, 8, 0));
        assertThatThrownBy(() -> peer.end.read(10, StreamEnd.LIMIT_NS))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("starts at 9");
    }

    /** Any bytes at all instead of frames: an error or the end, soon, and never bytes that are none. */
    @Test
    void shouldSurviveRandomBytes() throws Exception {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("GarbageFrameTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 150; i++) {
            peer.close();
            peer = new RawPeer();
            onFrames(true);
            byte[] bytes =
                    RawPeer.join(RawPeer.frame(Frame.DATA, 8, 1 + random.nextInt(20)), RawPeer.frame(Frame.FIN, 9, 0));
            for (int k = random.nextInt(4); k >= 0; k--) {
                bytes[random.nextInt(16)] = (byte) random.nextInt();
            }
            peer.send(bytes, 0, bytes.length);
            peer.tcp.shutdownOutput();
            try {
                int n;
                while ((n = peer.end.stream.read(ByteBuffer.allocate(10), StreamEnd.LIMIT_NS)) >= 0) {
                    assertThat(n).isPositive();
                }
            } catch (ConnectionLostException e) {
                assertThat(e).hasMessageContaining("PROTOCOL_VIOLATION");
            } catch (SocketException e) {
                assertThat(e).as("a promise of more than came").hasMessage("Connection reset");
            }
        }
    }
}
