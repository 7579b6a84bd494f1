package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

class ScatterGatherContractTest extends Contract {
    /** Linux takes no more buffers in one call; the JDK then leaves the others alone. */
    private static final int BUFFERS_PER_CALL = 1024;

    private final StreamPattern pattern = new StreamPattern(5);

    private ByteBuffer[] pieces(long offset, int... lengths) {
        ByteBuffer[] all = new ByteBuffer[lengths.length];
        long o = offset;
        for (int i = 0; i < lengths.length; i++) {
            all[i] = pattern.bytes(o, lengths[i]);
            o += lengths[i];
        }
        return all;
    }

    private static ByteBuffer[] room(int... lengths) {
        return Arrays.stream(lengths).mapToObj(ByteBuffer::allocate).toArray(ByteBuffer[]::new);
    }

    @Test
    void shouldWriteTheBuffersInOrderWhenGathering() throws Exception {
        Pair p = pair();
        ByteBuffer[] src = pieces(0, 10, 0, 1, 500, 0, 7000);
        src[3] = ByteBuffer.allocateDirect(500).put(src[3]).flip();
        assertThat(p.client().write(src)).isEqualTo(7511);
        assertThat(src).noneMatch(ByteBuffer::hasRemaining);
        Io.receive(p.server(), pattern, 0, 7511, 1000);
    }

    @Test
    void shouldWriteOnlyTheNamedBuffersWhenGathering() throws Exception {
        Pair p = pair();
        ByteBuffer[] src = pieces(0, 5, 6, 7, 8);
        assertThat(p.client().write(src, 1, 2)).isEqualTo(13);
        assertThat(src[0].remaining()).isEqualTo(5);
        assertThat(src[3].remaining()).isEqualTo(8);
        Io.receive(p.server(), pattern, 5, 18, 100);
    }

    @Test
    void shouldFillTheBuffersInOrderWhenScattering() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 100));
        ByteBuffer[] dst = room(3, 0, 40, 1000);
        long n = 0;
        while (n < 100) {
            n += p.server().read(dst);
        }
        assertThat(n).isEqualTo(100);
        assertThat(dst[0].position()).isEqualTo(3);
        assertThat(dst[2].position()).isEqualTo(40);
        assertThat(dst[3].position()).isEqualTo(57);
        pattern.verify(dst[0].flip(), 0);
        pattern.verify(dst[2].flip(), 3);
        pattern.verify(dst[3].flip(), 43);
    }

    @Test
    void shouldFillOnlyTheNamedBuffersWhenScattering() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 9));
        ByteBuffer[] dst = room(4, 4, 5, 4);
        long n = 0;
        while (n < 9) {
            n += p.server().read(dst, 1, 2);
        }
        assertThat(dst).extracting(ByteBuffer::position).containsExactly(0, 4, 5, 0);
        pattern.verify(dst[1].flip(), 0);
        pattern.verify(dst[2].flip(), 4);
    }

    @Test
    void shouldTakeNoMoreBuffersThanTheSystemWhenThereAreMany() throws Exception {
        Pair p = pair();
        int[] ones = new int[3000];
        Arrays.fill(ones, 1);
        ByteBuffer[] src = pieces(0, ones);
        assertThat(p.client().write(src)).isEqualTo(BUFFERS_PER_CALL);
        assertThat(src[BUFFERS_PER_CALL].hasRemaining()).isTrue();
        assertThat(p.client().write(src, BUFFERS_PER_CALL, 3000 - BUFFERS_PER_CALL))
                .isEqualTo(BUFFERS_PER_CALL);
        assertThat(p.client().write(src, 2 * BUFFERS_PER_CALL, 3000 - 2 * BUFFERS_PER_CALL))
                .isEqualTo(3000 - 2 * BUFFERS_PER_CALL);
        ByteBuffer[] dst = room(ones);
        long n = p.server().read(dst);
        assertThat(n).isBetween(1L, (long) BUFFERS_PER_CALL);
        for (int i = 0; i < n; i++) {
            pattern.verify(dst[i].flip(), i);
        }
        Io.receive(p.server(), pattern, n, 3000, 100);
    }

    @Test
    void shouldRefuseArraysThatCannotBeUsed() throws Exception {
        Pair p = pair();
        assertThatThrownBy(() -> p.client().read(room(1, 1), 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> p.client().read(room(1, 1), -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> p.client().write(room(1, 1), 0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> p.client().write(room(1, 1), 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> p.client().read(new ByteBuffer[] {ByteBuffer.allocate(1), null}))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> p.client().write(new ByteBuffer[] {ByteBuffer.allocate(1), null}))
                .isInstanceOf(NullPointerException.class);
        ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
        assertThatThrownBy(() -> p.client().read(new ByteBuffer[] {ByteBuffer.allocate(1), readOnly}))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        Io.write(p.client(), "fine");
        assertThat(Io.read(p.server(), 4)).isEqualTo("fine");
    }

    @Test
    void shouldReturnZeroWhenThereIsNoRoomInAnyBuffer() throws Exception {
        Pair p = pair();
        assertThat(p.client().read(new ByteBuffer[0])).isZero();
        assertThat(p.client().read(room(0, 0))).isZero();
        assertThat(p.client().write(new ByteBuffer[0])).isZero();
        assertThat(p.client().write(room(0))).isZero();
    }

    @Test
    void shouldWriteAllWhenGatheringMoreThanEveryBufferHolds() throws Exception {
        Pair p = pair();
        ByteBuffer[] src = pieces(0, 3 << 20, 1, 5 << 20);
        Background<Long> writer = Background.start(() -> p.client().write(src));
        Io.receive(p.server(), pattern, 0, (8 << 20) + 1, 64_000);
        assertThat(writer.result()).isEqualTo((8 << 20) + 1);
    }

    @Test
    void shouldStopInTheMiddleOfABufferWhenNotBlocking() throws Exception {
        Pair p = pair();
        p.client().configureBlocking(false);
        ByteBuffer[] src = pieces(0, 100, 16 << 20, 16 << 20);
        long n = p.client().write(src);
        assertThat(n).isPositive().isLessThan(32L << 20);
        assertThat(100
                        + (32L << 20)
                        - Arrays.stream(src).mapToLong(ByteBuffer::remaining).sum())
                .isEqualTo(n);
        Io.receive(p.server(), pattern, 0, n, 100_000);
    }

    @Test
    void shouldKeepTheStreamWhenPiecesAreRandom() throws Exception {
        Random random = new Random(TestSeed.next("random pieces"));
        Pair p = pair();
        long total = 1 << 20;
        long readerSeed = random.nextLong();
        Background<Void> writer = Background.run(() -> {
            for (long o = 0; o < total; ) {
                ByteBuffer[] src =
                        pieces(o, random.ints(1 + random.nextInt(40), 0, 2000).toArray());
                o += limited(src, total - o, b -> p.client().write(b));
            }
        });
        Random readerRandom = new Random(readerSeed);
        for (long o = 0; o < total; ) {
            ByteBuffer[] dst = room(
                    readerRandom.ints(1 + readerRandom.nextInt(40), 1, 3000).toArray());
            long n = p.server().read(dst);
            assertThat(n).isPositive();
            for (ByteBuffer b : dst) {
                pattern.verify(b.flip(), o);
                o += b.limit();
            }
        }
        writer.result();
    }

    private interface Write {
        long write(ByteBuffer[] b) throws java.io.IOException;
    }

    private static long limited(ByteBuffer[] src, long most, Write write) throws java.io.IOException {
        long left = most;
        for (ByteBuffer b : src) {
            b.limit((int) Math.min(b.limit(), left));
            left -= b.limit();
        }
        return write.write(src);
    }
}
