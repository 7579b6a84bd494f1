package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sender that dies between the word in the ring's header and the frame on TCP: what it wrote before arrives. */
@Timeout(60)
class LostStartFrameTest {
    private RawPeer peer;

    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    /** Five bytes on TCP; framed: three in a ring, and five in a frame. */
    private int before(boolean framed, boolean selector) throws Exception {
        if (!framed) {
            peer.send(RawPeer.raw(0, 5));
            return 5;
        }
        FakeRing first = peer.attachRing();
        first.sender.start(5);
        first.sender.write(RawPeer.raw(5, 3));
        first.sender.end(8);
        peer.send(RawPeer.raw(0, 5), RawPeer.frame(Frame.START, 5, 0));
        if (selector) {
            peer.readAllThere(8);
        } else {
            peer.end.receive(8);
        }
        peer.end.readable();
        peer.send(RawPeer.frame(Frame.DATA, 8, 5));
        return 13;
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void shouldReadTheRingBeforeTheEndOfTcp(boolean framed, boolean selector) throws Exception {
        if (selector) {
            peer.end.nonBlocking();
        }
        int offset = before(framed, selector);
        FakeRing ring = new FakeRing(100);
        peer.end.receiveOn(ring);
        ring.sender.start(offset);
        ring.sender.write(RawPeer.raw(offset, 20));
        peer.tcp.close();
        ByteBuffer dst = ByteBuffer.allocate(7);
        long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
        int n = 0;
        while (n >= 0 && System.nanoTime() - deadline < 0) {
            n = selector ? peer.selectAndRead(dst.clear()) : peer.end.stream.read(dst.clear(), StreamEnd.LIMIT_NS);
            peer.end.check(dst.flip());
        }
        assertThat(n).isEqualTo(-1);
        assertThat(peer.end.received).isEqualTo(offset + 20);
        peer.end.closeStream();
        assertThat(ring.receiver.released()).isTrue();
        assertThat(ring.misuses).isEmpty();
    }

    @Test
    void shouldTakeTheFramesOfTwoRingsWhoseWordsWereSeenFirst() throws Exception {
        peer.end.nonBlocking();
        peer.send(RawPeer.raw(0, 5));
        peer.readAllThere(5);
        FakeRing first = peer.attachRing();
        first.sender.start(5);
        peer.end.stream.prepareForLoss(); // sees the word
        first.sender.write(RawPeer.raw(5, 3));
        first.sender.end(8);
        peer.readAllThere(8);
        assertThat(peer.end.stream.read(ByteBuffer.allocate(1), 0)).isZero(); // has left the ring
        FakeRing second = new FakeRing(100);
        peer.end.receiveOn(second);
        second.sender.start(8);
        peer.end.stream.prepareForLoss();
        second.sender.write(RawPeer.raw(8, 12));
        second.sender.end(20);
        peer.send(RawPeer.frame(Frame.START, 5, 0), RawPeer.frame(Frame.START, 8, 0), RawPeer.frame(Frame.DATA, 20, 5));
        peer.readAllThere(25);
        assertThat(first.misuses).isEmpty();
        assertThat(second.misuses).isEmpty();
    }
}
