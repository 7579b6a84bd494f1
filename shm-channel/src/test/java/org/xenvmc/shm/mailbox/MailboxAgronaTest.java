package org.xenvmc.shm.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xenvmc.shm.mailbox.MailboxFixture.bytes;
import static org.xenvmc.shm.mailbox.MailboxFixture.memory;
import static org.xenvmc.shm.mailbox.MailboxFixture.message;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The format is Agrona's: each of our ends works with {@code ManyToOneRingBuffer} on the other side. */
@Tag("agrona")
class MailboxAgronaTest {
    private static final int CAPACITY = 4096;
    private static final int MESSAGES = 20_000;

    private final ByteBuffer memory = memory(CAPACITY);
    private final MailboxWriter ourWriter = new MailboxWriter(memory);
    private final MailboxReader ourReader = new MailboxReader(memory);
    private final ManyToOneRingBuffer agrona = new ManyToOneRingBuffer(new UnsafeBuffer(memory));
    private final List<byte[]> taken = new ArrayList<>();

    private boolean agronaWrite(int type, byte[] message) {
        return agrona.write(type, new UnsafeBuffer(message), 0, message.length);
    }

    private int agronaRead() {
        return agrona.read((type, buffer, index, length) -> take(buffer, index, length));
    }

    private void take(DirectBuffer buffer, int index, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(index, bytes);
        taken.add(bytes);
    }

    private int ourRead() {
        return ourReader.read((type, payload) -> taken.add(bytes(payload)), 100);
    }

    private void assertAllTaken() {
        assertThat(taken).hasSize(MESSAGES);
        for (int n = 0; n < MESSAGES; n++) {
            assertThat(taken.get(n)).isEqualTo(message(n, ourWriter.maxMessageBytes()));
        }
        assertThat(ourReader.resets()).isZero();
        assertThat(agrona.producerPosition()).isGreaterThan(100L * CAPACITY);
    }

    @Test
    void shouldHaveAgronasNumbers() {
        assertThat(MailboxDescriptor.TRAILER_BYTES).isEqualTo(RingBufferDescriptor.TRAILER_LENGTH);
        assertThat(MailboxDescriptor.TAIL_OFFSET).isEqualTo(RingBufferDescriptor.TAIL_POSITION_OFFSET);
        assertThat(MailboxDescriptor.HEAD_OFFSET).isEqualTo(RingBufferDescriptor.HEAD_POSITION_OFFSET);
        assertThat(MailboxDescriptor.HEAD_CACHE_OFFSET).isEqualTo(RingBufferDescriptor.HEAD_CACHE_POSITION_OFFSET);
        assertThat(MailboxDescriptor.CORRELATION_OFFSET).isEqualTo(RingBufferDescriptor.CORRELATION_COUNTER_OFFSET);
        assertThat(MailboxDescriptor.HEARTBEAT_OFFSET).isEqualTo(RingBufferDescriptor.CONSUMER_HEARTBEAT_OFFSET);
        assertThat(ourWriter.maxMessageBytes()).isEqualTo(agrona.maxMsgLength());
    }

    @Test
    void shouldBeReadByAgronaWhenWeWrite() {
        for (int n = 0; n < MESSAGES; n++) {
            byte[] message = message(n, ourWriter.maxMessageBytes());
            while (!ourWriter.write(1, ByteBuffer.wrap(message))) {
                agronaRead();
            }
        }
        while (agrona.size() > 0) {
            agronaRead();
        }
        assertAllTaken();
    }

    @Test
    void shouldReadWhatAgronaWrites() {
        for (int n = 0; n < MESSAGES; n++) {
            byte[] message = message(n, ourWriter.maxMessageBytes());
            while (!agronaWrite(1, message)) {
                ourRead();
            }
        }
        while (agrona.size() > 0) {
            ourRead();
        }
        assertAllTaken();
    }

    @Test
    void shouldKeepOrderWhenWritersOfBothKindsTakeTurns() {
        Random random = new Random(MailboxFixture.seed("MailboxAgronaTest"));
        for (int n = 0; n < MESSAGES; n++) {
            byte[] message = message(n, ourWriter.maxMessageBytes());
            while (random.nextBoolean() ? !agronaWrite(1, message) : !ourWriter.write(1, ByteBuffer.wrap(message))) {
                ourRead();
            }
        }
        while (agrona.size() > 0) {
            ourRead();
        }
        assertAllTaken();
    }

    @Test
    void shouldSkipWhatAgronaAbortsOrNeverCommits() {
        agrona.abort(agrona.tryClaim(1, 100));
        agrona.tryClaim(1, 50);
        agronaWrite(1, new byte[] {5});
        ourRead();
        assertThat(taken).isEmpty();
        assertThat(ourReader.unblock()).isTrue();
        ourRead();
        assertThat(taken).containsExactly(new byte[] {5});
        assertThat(agrona.size()).isZero();
    }

    @Test
    void shouldDeliverAllWhenBothKindsWriteAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int p = 1; p <= 4; p++) {
                int type = p;
                done.add(threads.submit(() -> produce(type)));
            }
            int[] next = new int[5];
            while (Arrays.stream(next).sum() < 4 * MESSAGES && !Thread.interrupted()) {
                ourReader.read(
                        (type, payload) -> {
                            if (payload.getInt(0) != next[type]++) {
                                throw new IllegalStateException("order of producer " + type);
                            }
                        },
                        100);
            }
            for (Future<?> f : done) {
                f.get();
            }
            assertThat(next).containsExactly(0, MESSAGES, MESSAGES, MESSAGES, MESSAGES);
            assertThat(ourReader.failures() + ourReader.resets()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private void produce(int type) {
        for (int n = 0; n < MESSAGES && !Thread.currentThread().isInterrupted(); n++) {
            byte[] message = new byte[4 + n % 300];
            ByteBuffer.wrap(message).putInt(n);
            while (!(type % 2 == 0 ? agronaWrite(type, message) : ourWriter.write(type, ByteBuffer.wrap(message)))
                    && !Thread.currentThread().isInterrupted()) {
                Thread.yield();
            }
        }
    }
}
