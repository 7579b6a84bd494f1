package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.Path;

/** TCP may cut anything anywhere, and join anything: raw bytes, START, frames, the end. */
@Timeout(100)
class FrameSplitTest {
    private static final int RAW = 5;
    private static final int IN_RING = 3;
    private static final int FRAMED = 7;
    private static final int TOTAL = RAW + IN_RING + FRAMED + FRAMED;

    /** Everything that the peer puts on TCP when a direction goes raw, ring, framed, and ends. */
    private static final byte[] ON_TCP = RawPeer.join(
            RawPeer.raw(0, RAW),
            RawPeer.frame(Frame.START, RAW, 0),
            RawPeer.frame(Frame.DATA, RAW + IN_RING, FRAMED),
            RawPeer.frame(Frame.NOP, 0, 0),
            RawPeer.frame(Frame.DATA, RAW + IN_RING + FRAMED, FRAMED),
            RawPeer.frame(Frame.FIN, TOTAL, 0));

    private enum Reading {
        HEAP,
        DIRECT,
        BYTE_BY_BYTE,
        SCATTER,
        TIMED,
        SELECTOR
    }

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private RawPeer peer;

    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
        thread.shutdownNow();
        assertThat(thread.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private int readOnce(Reading reading) throws IOException {
        SwitchingStream s = peer.end.stream;
        ByteBuffer dst =
                switch (reading) {
                    case DIRECT -> ByteBuffer.allocateDirect(6);
                    case BYTE_BY_BYTE -> ByteBuffer.allocate(1);
                    default -> ByteBuffer.allocate(6);
                };
        int n;
        if (reading == Reading.SCATTER) {
            ByteBuffer[] dsts = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(2), ByteBuffer.allocate(3)};
            n = (int) s.read(dsts, 0, 3, Long.MAX_VALUE);
            for (ByteBuffer d : dsts) {
                peer.end.check(d.flip());
            }
            return n;
        } else if (reading == Reading.SELECTOR) {
            n = peer.selectAndRead(dst);
        } else {
            n = s.read(dst, reading == Reading.TIMED ? StreamEnd.LIMIT_NS : Long.MAX_VALUE);
        }
        peer.end.check(dst.flip());
        return n;
    }

    private Callable<Void> reader(Reading reading) {
        return () -> {
            int n;
            while ((n = readOnce(reading)) >= 0) {
                if (n == 0 && reading != Reading.SELECTOR) {
                    throw new AssertionError("a blocking read returned 0 at " + peer.end.received);
                }
            }
            return null;
        };
    }

    @ParameterizedTest
    @EnumSource(Reading.class)
    void shouldReadTheStreamWhereverTcpIsCut(Reading reading) throws Exception {
        for (int cut = 1; cut < ON_TCP.length; cut++) {
            peer.close();
            peer = new RawPeer();
            if (reading == Reading.SELECTOR) {
                peer.end.nonBlocking();
            }
            FakeRing ring = peer.attachRing();
            Future<Void> done = thread.submit(reader(reading));
            ring.sender.start(RAW); // before the frame, as a sender does
            ring.sender.write(RawPeer.raw(RAW, IN_RING));
            peer.send(ON_TCP, 0, cut);
            int there = Math.min(cut, RAW);
            StreamPair.until(() -> peer.end.received >= there || done.isDone());
            ring.sender.end(RAW + IN_RING);
            peer.send(ON_TCP, cut, ON_TCP.length);
            done.get(30, TimeUnit.SECONDS);
            assertThat(peer.end.received).as("cut at %d", cut).isEqualTo(TOTAL);
            assertThat(ring.receiver.released()).isTrue();
            assertThat(ring.misuses).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Reading.class)
    void shouldReadTheStreamWhenTcpBringsSingleBytes(Reading reading) throws Exception {
        if (reading == Reading.SELECTOR) {
            peer.end.nonBlocking();
        }
        FakeRing ring = peer.attachRing();
        Future<Void> done = thread.submit(reader(reading));
        for (int i = 0; i < ON_TCP.length; i++) {
            if (i == RAW) {
                ring.sender.start(RAW);
                ring.sender.write(RawPeer.raw(RAW, IN_RING));
            } else if (i == RAW + Frame.HEADER_BYTES + 1) {
                ring.sender.end(RAW + IN_RING);
            }
            peer.send(ON_TCP, i, i + 1);
            Thread.yield();
        }
        done.get(30, TimeUnit.SECONDS);
        assertThat(peer.end.received).isEqualTo(TOTAL);
    }

    /** The whole life of the direction lies in the socket before anybody reads. */
    @ParameterizedTest
    @EnumSource(Reading.class)
    void shouldReadTheStreamWhenAllOfItIsThereAtOnce(Reading reading) throws Exception {
        if (reading == Reading.SELECTOR) {
            peer.end.nonBlocking();
        }
        FakeRing ring = peer.attachRing();
        ring.sender.start(RAW);
        ring.sender.write(RawPeer.raw(RAW, IN_RING));
        ring.sender.end(RAW + IN_RING);
        peer.send(ON_TCP, 0, ON_TCP.length);
        thread.submit(reader(reading)).get(30, TimeUnit.SECONDS);
        assertThat(peer.end.received).isEqualTo(TOTAL);
    }

    // ---- whose bytes are whose

    @Test
    void shouldNotTouchAnArrayBeyondTheBytesOfTheStream() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(RAW);
        peer.send(ON_TCP, 0, RAW + Frame.HEADER_BYTES);
        StreamPair.until(() -> peer.end.tcp.socket().getInputStream().available() == RAW + Frame.HEADER_BYTES);
        byte[] array = new byte[100];
        Arrays.fill(array, (byte) 0x77);
        ByteBuffer dst = ByteBuffer.wrap(array, 10, 80);
        assertThat(peer.end.stream.read(dst, StreamEnd.LIMIT_NS)).isEqualTo(RAW);
        assertThat(dst.position()).isEqualTo(10 + RAW);
        assertThat(dst.limit()).isEqualTo(90);
        for (int i = 0; i < array.length; i++) {
            byte expected = i >= 10 && i < 10 + RAW ? StreamEnd.at(i - 10) : 0x77;
            assertThat(array[i]).as("element %d", i).isEqualTo(expected);
        }
    }

    @Test
    void shouldNotTouchScatteredArraysBeyondTheBytesOfTheStream() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(RAW);
        peer.send(ON_TCP, 0, RAW + Frame.HEADER_BYTES);
        StreamPair.until(() -> peer.end.tcp.socket().getInputStream().available() == RAW + Frame.HEADER_BYTES);
        byte[] first = new byte[4];
        byte[] second = new byte[40];
        Arrays.fill(first, (byte) 0x77);
        Arrays.fill(second, (byte) 0x77);
        ByteBuffer[] dsts = {ByteBuffer.wrap(first), ByteBuffer.allocate(0), ByteBuffer.wrap(second)};
        assertThat(peer.end.stream.read(dsts, 0, 3, StreamEnd.LIMIT_NS)).isEqualTo(RAW);
        assertThat(first).isEqualTo(StreamEnd.bytes(0, 4));
        assertThat(dsts[2].position()).isEqualTo(1);
        for (int i = 1; i < second.length; i++) {
            assertThat(second[i]).as("element %d", i).isEqualTo((byte) 0x77);
        }
    }

    @Test
    void shouldLeavePositionAndLimitOfADirectBufferRight() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(RAW);
        peer.send(ON_TCP, 0, RAW + Frame.HEADER_BYTES);
        StreamPair.until(() -> peer.end.tcp.socket().getInputStream().available() == RAW + Frame.HEADER_BYTES);
        ByteBuffer dst = ByteBuffer.allocateDirect(100).position(7).limit(60);
        assertThat(peer.end.stream.read(dst, StreamEnd.LIMIT_NS)).isEqualTo(RAW);
        assertThat(dst.position()).isEqualTo(7 + RAW);
        assertThat(dst.limit()).isEqualTo(60);
        assertThat(peer.end.stream.info().receiving().path()).isEqualTo(Path.SHARED_MEMORY);
    }

    /** A frame of the greatest length, into heap and direct buffers of all sizes. */
    @Test
    void shouldReadTheLongestFrame() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(0);
        ring.sender.end(0);
        Future<Void> writer = thread.submit(() -> {
            peer.send(RawPeer.frame(Frame.START, 0, 0), RawPeer.frame(Frame.DATA, 0, Frame.MAX_PAYLOAD));
            return null;
        });
        for (int i = 0; peer.end.received < Frame.MAX_PAYLOAD; i++) {
            int length = 1 << i % 17;
            ByteBuffer dst = i % 3 == 0 ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
            assertThat(peer.end.stream.read(dst, StreamEnd.LIMIT_NS)).isPositive();
            peer.end.check(dst.flip());
        }
        writer.get(30, TimeUnit.SECONDS);
        assertThat(peer.end.received).isEqualTo(Frame.MAX_PAYLOAD);
    }
}
