package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** A writer in blocking mode goes over to a ring while TCP is full of bytes that nobody reads. */
@Timeout(100)
class StartIntoFullTcpTest {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final FakeRing ring = new FakeRing(100);
    private RawPeer peer;
    private StreamEnd end;
    private int raw;

    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
        end = peer.end;
        end.tcp.setOption(StandardSocketOptions.SO_SNDBUF, 20_000);
        peer.tcp.setOption(StandardSocketOptions.SO_RCVBUF, 20_000);
        fill();
        ring.receiver.ready();
        end.sendOn(ring);
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
        thread.shutdownNow();
        assertThat(thread.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ring.misuses).isEmpty();
    }

    /** Until neither kernel takes one byte more. */
    private void fill() throws Exception {
        end.nonBlocking();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
        while (System.nanoTime() - deadline < 0) {
            if (end.write(10_000, false) > 0) {
                deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
            } else {
                Thread.onSpinWait();
            }
        }
        raw = (int) end.sent;
        end.stream.configureBlocking(true);
    }

    private int write(int length) throws Exception {
        return thread.submit(() -> end.write(length, true)).get(30, TimeUnit.SECONDS);
    }

    private ByteBuffer fromTcp(int length) throws Exception {
        ByteBuffer b = ByteBuffer.allocate(length);
        while (b.hasRemaining()) {
            assertThat(peer.tcp.read(b)).isPositive();
        }
        return b.flip();
    }

    private void readRawAndStart() throws Exception {
        ByteBuffer got = fromTcp(raw);
        assertThat(got.array()).isEqualTo(StreamEnd.bytes(0, raw));
        assertThat(Frame.isStart(fromTcp(Frame.HEADER_BYTES), 0, raw)).isTrue();
    }

    @Test
    void shouldWriteIntoTheRingWhileNobodyReadsTcp() throws Exception {
        assertThat(write(5)).isEqualTo(5);
        assertThat(end.stream.info().sending().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(ring.receiver.start()).isEqualTo(raw);
        assertThat(ring.receiver.availableBytes()).isEqualTo(5);
        readRawAndStart();
        StreamPair.until(end.tcp::isBlocking); // the application's mode is back
    }

    @Test
    void shouldSendWhatWasKeptBeforeTheFramesThatFollowTheRing() throws Exception {
        write(5);
        end.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS);
        var writer = thread.submit(() -> end.write(7, true));
        readRawAndStart();
        ByteBuffer data = fromTcp(Frame.HEADER_BYTES + 7);
        assertThat(Frame.isData(data, 0, raw + 5L)).isTrue();
        assertThat(writer.get(30, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void shouldSendWhatWasKeptWhenClosed() throws Exception {
        write(5);
        end.closeStream();
        readRawAndStart();
        assertThat(peer.tcp.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        StreamPair.until(() -> !end.tcp.isOpen());
    }
}
