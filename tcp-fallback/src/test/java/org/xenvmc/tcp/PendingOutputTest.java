package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** A non-blocking writer on framed TCP that is full: what was said to be written arrives, whatever comes next. */
@Timeout(100)
class PendingOutputTest {
    private static final int IN_RING = 3;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private RawPeer peer;
    private StreamEnd end;
    private FrameParser seen;
    private FakeRing ring;

    @BeforeEach
    void begin() throws Exception {
        peer = new RawPeer();
        end = peer.end;
        end.tcp.setOption(StandardSocketOptions.SO_SNDBUF, 20_000);
        peer.tcp.setOption(StandardSocketOptions.SO_RCVBUF, 20_000);
        seen = new FrameParser(peer.tcp);
        ring = new FakeRing(100);
        end.nonBlocking();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
        thread.shutdownNow();
        assertThat(thread.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ring.misuses).isEmpty();
    }

    private void offerRing() {
        ring.receiver.ready();
        end.sendOn(ring);
    }

    /** Three bytes have gone through a ring. */
    private void onFrames() throws Exception {
        offerRing();
        end.send(IN_RING);
        end.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS);
        assertThat(end.stream.info().sending().path()).isEqualTo(Path.FRAMED_TCP);
    }

    /** Writes until TCP takes no more, and some frame is cut in the middle. */
    private void fill() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            if (end.write(1 + i % 5000, false) == 0 && end.write(1, false) == 0) {
                return;
            }
        }
        throw new AssertionError("TCP is never full");
    }

    private Future<Void> parse(boolean toEnd, String last) {
        return thread.submit(() -> {
            if (toEnd) {
                seen.untilEnd();
            } else {
                seen.until(last);
            }
            return null;
        });
    }

    @Test
    void shouldDeliverWhatWasKeptWhenClosed() throws Exception {
        onFrames();
        fill();
        end.closeStream();
        parse(true, null).get(30, TimeUnit.SECONDS);
        assertThat(seen.payload).isEqualTo(end.sent - IN_RING);
        assertThat(seen.frames).containsExactly("2@0");
        StreamPair.until(() -> !end.tcp.isOpen());
    }

    @Test
    void shouldDeliverWhatWasKeptBeforeTheEndWhenOutputIsShutDown() throws Exception {
        onFrames();
        fill();
        end.stream.shutdownOutput();
        parse(false, "3@" + end.sent).get(30, TimeUnit.SECONDS);
        assertThat(seen.payload).isEqualTo(end.sent - IN_RING);
        peer.send(RawPeer.raw(0, 10));
        end.receive(10);
    }

    @Test
    void shouldTellWhenItCanGoOn() throws Exception {
        onFrames();
        fill();
        assertThat(end.stream.readyOps(SelectionKey.OP_WRITE)).isZero();
        assertThat(end.stream.arm(SelectionKey.OP_WRITE)).isZero();
        int before = end.told.get();
        boolean kept = end.stream.tcpInterestOps(SelectionKey.OP_WRITE) == 0;
        Future<Void> parser = parse(false, "3@1000000");
        if (kept) {
            StreamPair.until(() -> end.told.get() > before);
        }
        StreamPair.until(() -> end.stream.tcpInterestOps(SelectionKey.OP_WRITE) == SelectionKey.OP_WRITE);
        end.send(1_000_000 - (int) end.sent);
        end.stream.shutdownOutput();
        parser.get(30, TimeUnit.SECONDS);
        assertThat(seen.payload).isEqualTo(1_000_000 - IN_RING);
    }

    @Test
    void shouldSendTheStartFrameWhenTcpHasRoomAgain() throws Exception {
        fill();
        long raw = end.sent;
        offerRing();
        end.send(50);
        assertThat(end.stream.info().sending().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(ring.receiver.start()).isEqualTo(raw);
        assertThat(ring.receiver.read(ByteBuffer.allocate(50))).isEqualTo(50);
        end.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS);
        Future<Void> parser = thread.submit(() -> {
            seen.raw(0, (int) raw);
            seen.until("3@" + (raw + 150));
            return null;
        });
        end.send(100);
        end.stream.shutdownOutput();
        parser.get(30, TimeUnit.SECONDS);
        assertThat(seen.frames).containsExactly("2@" + raw, "3@" + (raw + 150));
        assertThat(seen.payload).isEqualTo(100);
    }

    @Test
    void shouldDeliverEverythingWhenTheReaderIsOnARingMeanwhile() throws Exception {
        FakeRing in = peer.attachRing();
        in.sender.start(0);
        peer.send(RawPeer.frame(Frame.START, 0, 0));
        in.sender.write(RawPeer.raw(0, 20));
        end.receive(20);
        onFrames();
        fill();
        in.sender.write(RawPeer.raw(20, 20));
        end.receive(20);
        end.closeStream();
        parse(true, null).get(30, TimeUnit.SECONDS);
        assertThat(seen.payload).isEqualTo(end.sent - IN_RING);
    }

    /** The end of the output must not overtake what was kept, however long the writer takes to come out. */
    @Test
    void shouldNotDropWhatWasKeptWhenAWriterComesOutLate() throws Exception {
        FakeRing in = peer.attachRing();
        in.sender.start(0);
        peer.send(RawPeer.frame(Frame.START, 0, 0));
        in.sender.write(RawPeer.raw(0, 20));
        end.receive(20); // from now on the loop has TCP, which is not blocking whatever the application wants
        onFrames();
        fill();
        end.stream.configureBlocking(true);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch out = new CountDownLatch(1);
        end.onBlocking = () -> {
            inside.countDown();
            awaitQuietly(out);
        };
        Future<Integer> writer = thread.submit(() -> end.write(100_000, true));
        awaitQuietly(inside);
        end.stream.shutdownOutput();
        out.countDown();
        try {
            writer.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(ClosedChannelException.class);
        }
        parse(false, "3@" + end.sent).get(30, TimeUnit.SECONDS);
        assertThat(seen.payload).isEqualTo(end.sent - IN_RING);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A blocking writer is not to keep anything back. */
    @Test
    void shouldBlockUntilAllIsWrittenWhenBlocking() throws Exception {
        onFrames();
        end.stream.configureBlocking(true);
        Future<Integer> writer = thread.submit(() -> end.write(3_000_000, true));
        seen.until("2@0");
        while (seen.payload < 3_000_000) {
            assertThat(seen.next()).isTrue();
        }
        assertThat(writer.get(30, TimeUnit.SECONDS)).isEqualTo(3_000_000);
    }
}
