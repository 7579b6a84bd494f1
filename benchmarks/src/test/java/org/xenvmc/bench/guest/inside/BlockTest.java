package org.xenvmc.bench.guest.inside;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final int COUNT = 5;

    private static ByteBuffer stream() {
        ByteBuffer all = Block.blocks(COUNT);
        for (int i = 0; i < COUNT; i++) {
            Block.stamp(all, i * Block.BYTES, i);
        }
        return all;
    }

    private static void check(ByteBuffer stream, Random random) throws IOException {
        Block checker = new Block();
        while (stream.hasRemaining()) {
            int n = Math.min(stream.remaining(), 1 + random.nextInt(2 * Block.BYTES));
            checker.check(stream.slice(stream.position(), n));
            stream.position(stream.position() + n);
        }
    }

    @Test
    void shouldAcceptAStreamWhenItComesInAnyPieces() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            check(stream(), new Random(seed));
        }
    }

    @Test
    void shouldRefuseAStreamWhenAnyByteDiffers() {
        for (int seed = 0; seed < 50; seed++) {
            ByteBuffer stream = stream();
            int at = new Random(seed).nextInt(stream.capacity());
            stream.put(at, (byte) (stream.get(at) + 1));
            assertThatThrownBy(() -> check(stream, new Random(1)))
                    .as("byte %d", at)
                    .hasMessageContaining("block " + at / Block.BYTES);
        }
    }

    @Test
    void shouldRefuseAStreamWhenABlockIsMissing() {
        ByteBuffer stream = stream().position(Block.BYTES);
        assertThatThrownBy(() -> check(stream, new Random(1))).isInstanceOf(IOException.class);
    }
}
