package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

class ReadWriteContractTest extends Contract {
    private static final int LARGE = 8 << 20;

    private final StreamPattern pattern = new StreamPattern(3);

    @Test
    void shouldReturnZeroWhenBufferHasNoRoom() throws Exception {
        Pair p = pair();
        assertThat(p.client().read(ByteBuffer.allocate(0))).isZero();
        assertThat(p.client().write(ByteBuffer.allocate(0))).isZero();
        Io.write(p.server(), "x");
        assertThat(p.client().read(ByteBuffer.allocate(0))).isZero();
        assertThat(Io.read(p.client(), 1)).isEqualTo("x");
    }

    @Test
    void shouldReturnZeroWhenNotBlockingAndNothingCame() throws Exception {
        Pair p = pair().blocking(false);
        assertThat(Io.readSome(p.client())).isZero();
        assertThat(Io.readSome(p.server())).isZero();
    }

    @Test
    void shouldRefuseBuffersThatCannotBeUsed() throws Exception {
        Pair p = pair();
        assertThatThrownBy(() -> p.client().read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> p.client().read((ByteBuffer) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> p.client().write((ByteBuffer) null)).isInstanceOf(NullPointerException.class);
        assertThat(p.client().write(Io.text("ro").asReadOnlyBuffer())).isEqualTo(2);
        assertThat(Io.read(p.server(), 2)).isEqualTo("ro");
    }

    @Test
    void shouldTouchOnlyTheBytesBetweenPositionAndLimit() throws Exception {
        Pair p = pair();
        for (boolean direct : new boolean[] {false, true}) {
            ByteBuffer whole = direct ? ByteBuffer.allocateDirect(64) : ByteBuffer.allocate(64);
            ByteBuffer slice = whole.position(8).limit(40).slice();
            slice.position(3).limit(13);
            assertThat(p.server().write(pattern.bytes(0, 10))).isEqualTo(10);
            Io.readFully(p.client(), slice);
            assertThat(slice.position()).isEqualTo(13);
            assertThat(slice.limit()).isEqualTo(13);
            pattern.verify(slice.duplicate().position(3), 0);
            whole.clear();
            for (int i = 0; i < 64; i++) {
                if (i < 11 || i >= 21) {
                    assertThat(whole.get(i)).as("byte %d", i).isZero();
                }
            }
            slice.position(5).limit(9);
            assertThat(p.client().write(slice)).isEqualTo(4);
            assertThat(slice.position()).isEqualTo(9);
            Io.receive(p.server(), pattern, 2, 6, 4);
        }
    }

    @Test
    void shouldReturnWhatIsThereWhenBufferIsLarger() throws Exception {
        Pair p = pair();
        Io.write(p.server(), "abc");
        ByteBuffer b = ByteBuffer.allocate(1 << 20);
        assertThat(p.client().read(b)).isBetween(1, 3);
    }

    @Test
    void shouldGiveTheSameBytesWhenReadInPieces() throws Exception {
        Pair p = pair();
        assertThat(p.server().write(pattern.bytes(0, 5000))).isEqualTo(5000);
        Io.receive(p.client(), pattern, 0, 5000, 7);
    }

    @Test
    void shouldWriteAllWhenBlockingAndLargerThanEveryBuffer() throws Exception {
        Pair p = pair();
        ByteBuffer large = pattern.bytes(0, LARGE);
        Background<Integer> writer = Background.start(() -> p.client().write(large));
        Io.receive(p.server(), pattern, 0, LARGE, 50_001);
        assertThat(writer.result()).isEqualTo(LARGE);
        assertThat(large.hasRemaining()).isFalse();
    }

    @Test
    void shouldWriteAllWhenReaderStartsOnlyAfterWriterIsStuck() throws Exception {
        Pair p = pair();
        ByteBuffer large = ByteBuffer.allocateDirect(LARGE);
        pattern.fill(large, 0);
        large.flip();
        Background<Integer> writer =
                Background.start(() -> p.server().write(large)).insideOf("write");
        Io.receive(p.client(), pattern, 0, LARGE, 64 * 1024);
        assertThat(writer.result()).isEqualTo(LARGE);
    }

    @Test
    void shouldWriteWhatFitsWhenNotBlocking() throws Exception {
        Pair p = pair();
        p.client().configureBlocking(false);
        long fits = Io.fill(p.client(), pattern);
        assertThat(fits).isPositive();
        int late = p.client().write(pattern.bytes(fits, 10));
        while (late
                > 0) { // another path has room, or the kernel has moved bytes to the reader's buffer: each ends, while
            // nobody reads
            fits += late + Io.fill(p.client(), pattern, fits + late);
            late = p.client().write(pattern.bytes(fits, 10));
        }
        assertThat(late).isZero();
        Io.receive(p.server(), pattern, 0, fits, 10_000);
        Io.awaitReady(p.client(), SelectionKey.OP_WRITE);
        int more = p.client().write(pattern.bytes(fits, 10));
        assertThat(more).isEqualTo(10);
        Io.receive(p.server(), pattern, fits, fits + more, 10);
        p.server().configureBlocking(false);
        assertThat(Io.readSome(p.server())).isZero();
    }

    @Test
    void shouldWakeReaderWhenBytesComeLater() throws Exception {
        Pair p = pair();
        for (int i = 0; i < 5; i++) {
            Background<String> reader =
                    Background.start(() -> Io.read(p.client(), 4)).insideOf("read");
            Io.write(p.server(), "late");
            assertThat(reader.result()).isEqualTo("late");
        }
    }

    @Test
    void shouldCarryBothDirectionsAtOnce() throws Exception {
        Pair p = pair();
        StreamPattern back = new StreamPattern(4);
        Background<Void> a = Background.run(() -> Io.send(p.client(), pattern, 0, LARGE, 30_000));
        Background<Void> b = Background.run(() -> Io.send(p.server(), back, 0, LARGE, 4_000));
        Background<Void> c = Background.run(() -> Io.receive(p.client(), back, 0, LARGE, 64_000));
        Io.receive(p.server(), pattern, 0, LARGE, 5_000);
        a.result();
        b.result();
        c.result();
    }

    @Test
    void shouldAnswerEachRequestWhenPlayingPingPong() throws Exception {
        Pair p = pair();
        int rounds = 3000;
        Background<Void> echo = Background.run(() -> {
            ByteBuffer b = ByteBuffer.allocate(64);
            for (int i = 0; i < rounds; i++) {
                b.clear().limit(1 + i % 64);
                Io.readFully(p.server(), b);
                p.server().write(b.flip());
            }
        });
        for (int i = 0; i < rounds; i++) {
            int length = 1 + i % 64;
            p.client().write(pattern.bytes(i, length));
            Io.receive(p.client(), pattern, i, i + length, length);
        }
        echo.result();
    }

    @Test
    void shouldKeepTheStreamWhenLengthsAreRandom() throws Exception {
        Random random = new Random(TestSeed.next("random lengths"));
        Pair p = pair();
        long total = 4 << 20;
        Background<Void> writer = Background.run(() -> {
            for (long o = 0; o < total; ) {
                int n = (int) Math.min(total - o, TestSeed.skewedLength(random, 300_000));
                o += p.client().write(pattern.bytes(o, n));
            }
        });
        Random readerRandom = new Random(random.nextLong());
        for (long o = 0; o < total; ) {
            ByteBuffer b = ByteBuffer.allocate(TestSeed.skewedLength(readerRandom, 200_000));
            o += p.server().read(b);
            pattern.verify(b.flip(), o - b.limit());
        }
        writer.result();
    }

    @Test
    void shouldKeepTheStreamWhenModeChangesInTheMiddle() throws Exception {
        Pair p = pair();
        for (int i = 0; i < 60; i++) {
            boolean block = i % 2 == 0;
            p.client().configureBlocking(block);
            assertThat(p.client().isBlocking()).isEqualTo(block);
            assertThat(p.client().write(pattern.bytes(i * 100L, 100))).isEqualTo(100);
            p.server().configureBlocking(!block);
            if (block) {
                Io.awaitReady(p.server(), SelectionKey.OP_READ);
            }
            ByteBuffer b = ByteBuffer.allocate(40);
            int n = p.server().read(b);
            assertThat(n).isPositive();
            pattern.verify(b.flip(), i * 100L);
            p.server().configureBlocking(true);
            Io.receive(p.server(), pattern, i * 100L + n, (i + 1) * 100L, 33);
        }
    }
}
