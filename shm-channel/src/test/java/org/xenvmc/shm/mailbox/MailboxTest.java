package org.xenvmc.shm.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xenvmc.shm.mailbox.MailboxFixture.bytes;
import static org.xenvmc.shm.mailbox.MailboxFixture.memory;
import static org.xenvmc.shm.mailbox.MailboxFixture.message;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final int CAPACITY = 4096;

    private final ByteBuffer memory = memory(CAPACITY);
    private final MailboxWriter writer = new MailboxWriter(memory);
    private final MailboxReader reader = new MailboxReader(memory);
    private final List<byte[]> taken = new ArrayList<>();

    private int readAll() {
        int sum = 0;
        int n;
        do {
            n = reader.read((type, payload) -> taken.add(bytes(payload)), 10);
            sum += n;
        } while (n == 10);
        return sum;
    }

    private boolean write(byte[] message) {
        return writer.write(1, ByteBuffer.wrap(message));
    }

    private void claimWithoutWriting(int bytes) {
        int tail = CAPACITY + MailboxDescriptor.TAIL_OFFSET;
        memory.putLong(tail, memory.getLong(tail) + bytes);
    }

    private int index(int offset) {
        return (int) memory.getLong(CAPACITY + offset) & (CAPACITY - 1);
    }

    @Test
    void shouldDeliverEveryMessageInOrderWhenWrappingOften() {
        for (int n = 0; n < 10_000; n++) {
            byte[] message = message(n, writer.maxMessageBytes());
            while (!write(message)) {
                assertThat(readAll()).isPositive();
            }
        }
        readAll();
        assertThat(taken).hasSize(10_000);
        for (int n = 0; n < taken.size(); n++) {
            assertThat(taken.get(n)).isEqualTo(message(n, writer.maxMessageBytes()));
        }
        assertThat(reader.resets()).isZero();
    }

    @Test
    void shouldRefuseWhenFullAndAcceptAgainWhenRead() {
        byte[] message = new byte[100];
        int written = 0;
        while (write(message)) {
            written++;
        }
        assertThat(written).isBetween(30, CAPACITY / 108);
        assertThat(write(message)).isFalse();
        readAll();
        assertThat(taken).hasSize(written);
        assertThat(write(message)).isTrue();
    }

    @Test
    void shouldLeavePayloadUntouchedWhenWriting() {
        ByteBuffer payload =
                ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}).position(1).limit(4);
        writer.write(3, payload);
        assertThat(payload.position()).isEqualTo(1);
        readAll();
        assertThat(taken).containsExactly(new byte[] {2, 3, 4});
    }

    @Test
    void shouldRejectArgumentsWhenTypeOrLengthAreImpossible() {
        assertThatThrownBy(() -> writer.write(0, ByteBuffer.allocate(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.write(1, ByteBuffer.allocate(writer.maxMessageBytes() + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MailboxWriter(ByteBuffer.allocateDirect(5000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldGoOnWithNextMessageWhenHandlerFails() {
        write(new byte[] {1});
        write(new byte[] {2});
        AtomicInteger calls = new AtomicInteger();
        int n = reader.read(
                (type, payload) -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("expected by this test");
                    }
                },
                10);
        assertThat(n).isEqualTo(2);
        assertThat(calls.get()).isEqualTo(2);
        assertThat(reader.failures()).isEqualTo(1);
    }

    @Test
    void shouldSkipClaimWhenProducerDiedBeforeWritingLength() {
        claimWithoutWriting(64);
        assertThat(reader.blocked()).isTrue();
        assertThat(reader.unblock()).as("nothing lies behind the claim").isFalse();
        write(new byte[] {7});
        assertThat(readAll()).isZero();
        assertThat(reader.unblock()).isTrue();
        readAll();
        assertThat(taken).containsExactly(new byte[] {7});
        assertThat(reader.blocked()).isFalse();
        assertThat(reader.unblocks()).isEqualTo(1);
    }

    @Test
    void shouldSkipClaimWhenProducerDiedAfterWritingLength() {
        memory.putInt(index(MailboxDescriptor.TAIL_OFFSET), -60);
        claimWithoutWriting(64);
        write(new byte[] {7});
        assertThat(readAll()).isZero();
        assertThat(reader.unblock()).isTrue();
        readAll();
        assertThat(taken).containsExactly(new byte[] {7});
    }

    @Test
    void shouldSkipClaimWhenProducerDiedWhileWrapping() {
        for (int i = 0; i < CAPACITY / 128 - 1; i++) {
            write(new byte[120]);
        }
        readAll();
        taken.clear();
        claimWithoutWriting(128 + 256); // padding of 128 bytes up to the end, and a record at the beginning
        write(new byte[] {9});
        for (int i = 0; i < 2; i++) {
            assertThat(readAll()).isZero();
            assertThat(reader.unblock()).isTrue();
            readAll();
        }
        assertThat(taken).containsExactly(new byte[] {9});
    }

    @Test
    void shouldEmptyMailboxWhenLengthIsImpossible() {
        for (int length : new int[] {1, 7, CAPACITY + 8, 1 << 20, Integer.MAX_VALUE, 16 + 8 * CAPACITY, 600}) {
            long before = reader.resets();
            write(new byte[8]);
            memory.putInt(index(MailboxDescriptor.HEAD_OFFSET), length);
            taken.clear();
            assertThat(readAll()).isZero();
            assertThat(reader.resets()).isEqualTo(before + 1);
            assertThat(write(new byte[] {1, 2})).isTrue();
            readAll();
            assertThat(taken).containsExactly(new byte[] {1, 2});
        }
    }

    @Test
    void shouldEmptyMailboxWhenTypeIsImpossible() {
        for (int type : new int[] {0, -2, Integer.MIN_VALUE}) {
            write(new byte[8]);
            memory.putInt(index(MailboxDescriptor.HEAD_OFFSET) + MailboxDescriptor.TYPE_OFFSET, type);
            assertThat(readAll()).isZero();
        }
        assertThat(reader.resets()).isEqualTo(3);
        assertThat(taken).isEmpty();
    }

    @Test
    void shouldRepairPositionsWhenPeerOverwritesThem() {
        int tail = CAPACITY + MailboxDescriptor.TAIL_OFFSET;
        for (long value : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40}) {
            memory.putLong(tail, value);
            assertThat(write(new byte[] {1})).as("tail %d", value).isFalse();
            assertThat(reader.blocked()).isTrue();
            assertThat(reader.unblock()).isTrue();
            assertThat(write(new byte[] {1})).isTrue();
            readAll();
            memory.putLong(CAPACITY + MailboxDescriptor.HEAD_OFFSET, value);
            memory.putLong(CAPACITY + MailboxDescriptor.HEAD_CACHE_OFFSET, value);
            readAll();
            assertThat(write(new byte[] {2})).as("head %d", value).isTrue();
            readAll();
        }
        assertThat(taken).hasSize(10);
    }
}
