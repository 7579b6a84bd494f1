package org.xenvmc.shm.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever others write into a mailbox: our ends throw nothing, end, hand over only what is possible, and recover. */
class MailboxFuzzTest {
    private static final int CAPACITY = 1024;
    private static final int ROUNDS = 20_000;
    private static final int[] NASTY = {
        0,
        1,
        3,
        7,
        8,
        9,
        16,
        -1,
        -8,
        -9,
        CAPACITY,
        CAPACITY - 8,
        CAPACITY + 8,
        -CAPACITY,
        1 << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 7
    };

    private final ByteBuffer memory = MailboxFixture.memory(CAPACITY);
    private final MailboxWriter writer = new MailboxWriter(memory);
    private final MailboxReader reader = new MailboxReader(memory);

    private void damage(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> memory.putInt(random.nextInt(CAPACITY / 4) * 4, nasty(random));
            case 1 -> memory.putLong(positionOffset(random), nasty(random));
            case 2 -> memory.putLong(positionOffset(random), reader.position() + nasty(random));
            default -> memory.put(random.nextInt(memory.capacity()), (byte) random.nextInt());
        }
    }

    private static int nasty(Random random) {
        return random.nextBoolean() ? NASTY[random.nextInt(NASTY.length)] : random.nextInt();
    }

    private static int positionOffset(Random random) {
        int[] offsets = {
            MailboxDescriptor.TAIL_OFFSET, MailboxDescriptor.HEAD_OFFSET, MailboxDescriptor.HEAD_CACHE_OFFSET
        };
        return CAPACITY + offsets[random.nextInt(offsets.length)];
    }

    private void readChecked() {
        int n = reader.read(
                (type, payload) -> {
                    assertThat(type).isPositive();
                    assertThat(payload.position()).isZero();
                    assertThat(payload.remaining()).isBetween(0, writer.maxMessageBytes());
                },
                1000);
        assertThat(n).isLessThan(1000);
        assertThat(reader.failures()).isZero();
    }

    @Test
    void shouldRecoverWhenContentIsHostile() {
        long seed = MailboxFixture.seed("MailboxFuzzTest");
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                writer.write(1 + random.nextInt(5), ByteBuffer.allocate(random.nextInt(writer.maxMessageBytes() + 1)));
                damage(random);
                if (random.nextBoolean()) {
                    readChecked();
                }
                if (random.nextInt(4) == 0) {
                    reader.unblock();
                }
            }
            assertThat(works(random.nextInt()))
                    .as("seed %d, round %d", seed, round)
                    .isTrue();
        }
    }

    /** What the owner of a mailbox does when it is told of mail: it must work again within a few steps. */
    private boolean works(int token) {
        boolean[] delivered = new boolean[1];
        for (int i = 0; i < 3 * CAPACITY / 8 && !delivered[0]; i++) {
            boolean written = writer.write(
                    Integer.MAX_VALUE, ByteBuffer.allocate(4).putInt(0, token).position(0));
            reader.read((type, payload) -> delivered[0] |= isToken(type, payload, token), 1000);
            if (!delivered[0] && (!written || reader.blocked())) {
                reader.unblock();
            }
        }
        return delivered[0];
    }

    private static boolean isToken(int type, ByteBuffer payload, int token) {
        return type == Integer.MAX_VALUE && payload.remaining() == 4 && payload.getInt(0) == token;
    }
}
