package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large frames are read straight into the application's buffer, ahead of their headers; others come in between. */
@Timeout(100)
class LargeFrameTest {
    private static final int RAW = 5;
    private static final int FRAMES = 300;
    private static final int BUFFER = 64 * 1024;

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

    private static Random random() {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("LargeFrameTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        return new Random(seed);
    }

    /** Frames of all sizes, most of them large, with frames without data in between, and the end. */
    private static byte[] frames(Random random) {
        List<ByteBuffer> parts = new ArrayList<>();
        long offset = RAW;
        for (int i = 0; i < FRAMES; i++) {
            int kind = random.nextInt(8);
            if (kind == 0) {
                parts.add(RawPeer.frame(Frame.NOP, 0, 0));
            } else {
                int length = kind == 1 ? 1 + random.nextInt(100) : 16 * 1024 + random.nextInt(100_000);
                parts.add(RawPeer.frame(Frame.DATA, offset, length));
                offset += length;
            }
        }
        parts.add(RawPeer.frame(Frame.FIN, offset, 0));
        return RawPeer.join(parts.toArray(ByteBuffer[]::new));
    }

    private void enterFraming() throws Exception {
        FakeRing ring = peer.attachRing();
        ring.sender.start(RAW);
        ring.sender.end(RAW);
        peer.send(RawPeer.raw(0, RAW), RawPeer.frame(Frame.START, RAW, 0));
    }

    private Future<?> sendInPieces(byte[] all, Random random) {
        return thread.submit(() -> {
            for (int at = 0; at < all.length; ) {
                int to = Math.min(all.length, at + 1 + random.nextInt(random.nextBoolean() ? 30 : 150_000));
                peer.send(all, at, to);
                at = to;
            }
            return null;
        });
    }

    private void readToTheEnd(Random random, boolean blocking) throws Exception {
        ByteBuffer dst = ByteBuffer.allocateDirect(BUFFER);
        int n;
        do {
            dst.clear();
            if (random.nextInt(4) == 0) {
                dst.position(random.nextInt(BUFFER - 1));
            }
            int from = dst.position();
            n = blocking ? peer.end.stream.read(dst, Long.MAX_VALUE) : peer.selectAndRead(dst);
            assertThat(dst.position()).isEqualTo(from + Math.max(0, n));
            peer.end.check(dst.flip().position(from));
        } while (n >= 0);
    }

    @Test
    void shouldReadLargeAndSmallFramesInABlockingStream() throws Exception {
        Random random = random();
        byte[] all = frames(random);
        enterFraming();
        Future<?> sent = sendInPieces(all, new Random(random.nextLong()));
        readToTheEnd(random, true);
        sent.get(30, TimeUnit.SECONDS);
        assertThat(peer.end.received).isEqualTo(payload(all));
    }

    @Test
    void shouldReadLargeAndSmallFramesInANonBlockingStream() throws Exception {
        Random random = random();
        byte[] all = frames(random);
        peer.end.nonBlocking();
        enterFraming();
        Future<?> sent = sendInPieces(all, new Random(random.nextLong()));
        readToTheEnd(random, false);
        sent.get(30, TimeUnit.SECONDS);
        assertThat(peer.end.received).isEqualTo(payload(all));
    }

    /** What the FIN frame at the end says. */
    private static long payload(byte[] all) {
        return Frame.offset(ByteBuffer.wrap(all), all.length - Frame.HEADER_BYTES);
    }
}
