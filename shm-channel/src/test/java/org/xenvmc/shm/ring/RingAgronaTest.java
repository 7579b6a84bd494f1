package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The records are Agrona's: each of our ends works with {@link OneToOneRingBuffer} on the other side. */
@Tag("agrona")
class RingAgronaTest {
    private static final int LAPS = 40;

    private RingFixture ring;
    private OneToOneRingBuffer agrona;
    private long sent;
    private long received;

    private void use(int capacity) {
        ring = new RingFixture(capacity);
        int length = capacity + RingBufferDescriptor.TRAILER_LENGTH;
        agrona = new OneToOneRingBuffer(
                new UnsafeBuffer(ring.memory.buffer(), ring.memory.offset() + RingLayout.DATA, length));
    }

    private void ourWrite(int length) throws Exception {
        sent += ring.sender.write(RingFixture.bytes(sent, length));
    }

    private void ourRead(int length) throws Exception {
        ByteBuffer dst = ByteBuffer.allocate(length);
        ring.receiver.read(dst);
        received += RingFixture.check(dst.flip(), received);
    }

    private boolean agronaWrite(int length) {
        UnsafeBuffer message = new UnsafeBuffer(RingFixture.bytes(sent, length));
        boolean done = agrona.write(RingLayout.TYPE_DATA, message, 0, length);
        sent += done ? length : 0;
        return done;
    }

    private int agronaRead(int messages) {
        return agrona.read((type, buffer, index, length) -> agronaTake(type, buffer::getByte, index, length), messages);
    }

    private interface Bytes {
        byte get(int index);
    }

    private void agronaTake(int type, Bytes bytes, int index, int length) {
        assertThat(type).isEqualTo(RingLayout.TYPE_DATA);
        for (int i = 0; i < length; i++) {
            if (bytes.get(index + i) != RingFixture.at(received + i)) {
                throw new AssertionError("byte " + (received + i));
            }
        }
        received += length;
    }

    @Test
    void shouldHaveAgronasNumbers() {
        use(4096);
        assertThat(RingLayout.TRAILER_BYTES).isEqualTo(RingBufferDescriptor.TRAILER_LENGTH);
        assertThat(RingLayout.tailPosition(4096))
                .isEqualTo(RingLayout.DATA + 4096 + RingBufferDescriptor.TAIL_POSITION_OFFSET);
        assertThat(RingLayout.headPosition(4096))
                .isEqualTo(RingLayout.DATA + 4096 + RingBufferDescriptor.HEAD_POSITION_OFFSET);
        assertThat(RingLayout.RECORD_HEADER).isEqualTo(RecordDescriptor.HEADER_LENGTH);
        assertThat(RingLayout.TYPE_PADDING).isEqualTo(OneToOneRingBuffer.PADDING_MSG_TYPE_ID);
        assertThat(RingLayout.align(1)).isEqualTo(RecordDescriptor.ALIGNMENT);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 131072})
    void shouldBeReadByAgronaWhenWeWrite(int capacity) throws Exception {
        use(capacity);
        Random random = new Random(RingFixture.seed("RingAgronaTest"));
        while (sent < (long) LAPS * capacity) {
            ourWrite(RingFixture.length(random, capacity));
            if (random.nextInt(3) > 0) {
                agronaRead(random.nextInt(20));
            }
            assertThat(agrona.producerPosition() - agrona.consumerPosition()).isBetween(0L, (long) capacity);
        }
        while (agronaRead(100) > 0) {
            // takes what is left
        }
        assertThat(received).isEqualTo(sent);
        assertThat(agrona.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 131072})
    void shouldReadWhatAgronaWrites(int capacity) throws Exception {
        use(capacity);
        Random random = new Random(RingFixture.seed("RingAgronaTest"));
        while (sent < (long) LAPS * capacity) {
            agronaWrite(random.nextInt(agrona.maxMsgLength() + 1));
            if (random.nextInt(3) > 0) {
                ourRead(RingFixture.length(random, capacity));
            }
            assertThat(agrona.size()).isBetween(0, capacity);
        }
        while (received < sent) {
            ourRead(RingFixture.length(random, capacity));
        }
        ourRead(1);
        assertThat(received).isEqualTo(sent);
        assertThat(agrona.size()).isZero();
    }

    @Test
    void shouldSkipWhatAgronaClaimsAndAborts() throws Exception {
        use(4096);
        Random random = new Random(RingFixture.seed("RingAgronaTest"));
        while (sent < 40 * 4096) {
            int claim = random.nextBoolean() ? agrona.tryClaim(1, random.nextInt(300)) : -1;
            if (claim >= 0) {
                agrona.abort(claim);
            }
            agronaWrite(random.nextInt(100));
            ourRead(1 + random.nextInt(400));
        }
        while (received < sent) {
            ourRead(100);
        }
        assertThat(received).isEqualTo(sent);
    }

    @Test
    void shouldGiveAgronaPaddingThatFillsTheEnd() throws Exception {
        use(4096);
        for (int i = 0; i < 7; i++) {
            ourWrite(504);
        }
        ourWrite(496); // the tail is 8 bytes before the end now
        assertThat(agrona.producerPosition()).isEqualTo(4096 - 8);
        agronaRead(100);
        ourWrite(1);
        assertThat(agrona.producerPosition()).isEqualTo(4096 + 16);
        agronaRead(100); // up to the end of the buffer
        agronaRead(100);
        assertThat(received).isEqualTo(sent);
    }

    @Test
    void shouldLetAgronaStopInTheMiddle() throws Exception {
        use(4096);
        Random random = new Random(RingFixture.seed("RingAgronaTest"));
        while (sent < 20 * 4096) {
            ourWrite(RingFixture.length(random, 2000));
            agrona.controlledRead(
                    (type, buffer, index, length) -> {
                        if (random.nextInt(4) == 0) {
                            return Action.ABORT;
                        }
                        agronaTake(type, buffer::getByte, index, length);
                        return random.nextBoolean() ? Action.COMMIT : Action.BREAK;
                    },
                    10);
        }
        while (agronaRead(100) > 0) {
            // takes what is left
        }
        assertThat(received).isEqualTo(sent);
    }

    @Test
    void shouldWorkAtOnceWithAgronaInAnotherThread() throws Exception {
        use(65536);
        long total = 2 << 20;
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> reader = thread.submit(() -> {
                while (received < total && !Thread.currentThread().isInterrupted()) {
                    if (agronaRead(50) == 0) {
                        Thread.yield();
                    }
                }
            });
            Random random = new Random(RingFixture.seed("RingAgronaTest"));
            while (sent < total && !reader.isDone()) {
                ourWrite((int) Math.min(total - sent, RingFixture.length(random, 9000)));
            }
            reader.get();
            assertThat(received).isEqualTo(total);
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void shouldWorkAtOnceWhenAgronaWritesInAnotherThread() throws Exception {
        use(65536);
        long total = 2 << 20;
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            long seed = RingFixture.seed("RingAgronaTest");
            Future<?> writer = thread.submit(() -> {
                Random random = new Random(seed);
                while (sent < total && !Thread.currentThread().isInterrupted()) {
                    if (!agronaWrite((int) Math.min(total - sent, random.nextInt(agrona.maxMsgLength())))) {
                        Thread.yield();
                    }
                }
            });
            Random random = new Random(seed + 1);
            while (received < total && !(writer.isDone() && received == sent)) {
                ourRead(RingFixture.length(random, 9000));
            }
            writer.get();
            assertThat(received).isEqualTo(total);
        } finally {
            thread.shutdownNow();
        }
    }
}
