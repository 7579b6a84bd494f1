package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single lies of the peer, each of which some reader of such rings has believed. */
@Timeout(60)
class HostileRingTest {
    private static final int CAPACITY = 4096;
    private static final int FIRST = RingLayout.DATA;

    private final RingFixture ring = new RingFixture(CAPACITY);
    private final int head = RingLayout.headPosition(CAPACITY);
    private final int tail = RingLayout.tailPosition(CAPACITY);
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        thread.shutdownNow();
        ring.memory.assertGuardsIntact();
    }

    private void record(int at, int length, int type) {
        ring.word(FIRST + at + Integer.BYTES, type);
        ring.word(FIRST + at, length);
    }

    private int read(int length) throws Exception {
        return ring.receiver.read(ByteBuffer.allocate(length));
    }

    private int write(int length) throws Exception {
        return ring.sender.write(ByteBuffer.allocate(length));
    }

    // ---- lies of the sender

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 4097, 4104, 1 << 20, Integer.MAX_VALUE, Integer.MAX_VALUE - 6})
    void shouldRefuseARecordOfImpossibleLength(int length) {
        record(0, length, RingLayout.TYPE_DATA);
        assertThatThrownBy(() -> read(100)).isInstanceOf(RingViolation.class).hasMessageContaining("" + length);
        assertThatThrownBy(ring.receiver::hasData).isInstanceOf(RingViolation.class);
        assertThat(ring.receiver.availableBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -8, -16, Integer.MIN_VALUE, Integer.MIN_VALUE + 1})
    void shouldTakeANegativeLengthForNotCommitted(int length) throws Exception {
        record(0, length, RingLayout.TYPE_DATA);
        assertThat(read(100)).isZero();
        assertThat(ring.receiver.availableBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -2, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void shouldRefuseARecordOfUnknownType(int type) {
        record(0, 16, type);
        assertThatThrownBy(() -> read(100)).isInstanceOf(RingViolation.class).hasMessageContaining("" + type);
    }

    @Test
    void shouldRefuseARecordBeyondTheEndOfTheBuffer() throws Exception {
        record(0, CAPACITY - 64, RingLayout.TYPE_DATA);
        record(CAPACITY - 64, 65, RingLayout.TYPE_DATA);
        assertThat(read(CAPACITY - 72)).isEqualTo(CAPACITY - 72);
        assertThatThrownBy(() -> read(1)).isInstanceOf(RingViolation.class);
    }

    @Test
    void shouldReadARecordOfTheWholeBuffer() throws Exception {
        record(0, CAPACITY, RingLayout.TYPE_DATA);
        assertThat(read(CAPACITY - 8)).isEqualTo(CAPACITY - 8);
    }

    /** Both an endless row of them and one as long as the buffer come back to where the reader is. */
    @ParameterizedTest
    @CsvSource({"4096,-1", "2048,-1", "8,-1", "8,1", "16,-1", "16,2", "8,2"})
    void shouldNotGoInCirclesOverRecordsWithoutBytes(int length, int type) throws Exception {
        for (int at = 0; at < CAPACITY; at += length) {
            record(at, length, type);
        }
        for (int i = 0; i < 2_000; i++) {
            if (read(100) != 0 || ring.receiver.hasData()) {
                throw new AssertionError("bytes from records without any, round " + i);
            }
        }
        assertThat(ring.receiver.availableBytes()).isBetween(0, CAPACITY);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 1, 1L << 62, Long.MAX_VALUE})
    void shouldOnlyEstimateFromTheTail(long value) throws Exception {
        write(100);
        ring.longWord(tail, value);
        assertThat(ring.receiver.fillBytes()).isBetween(0, CAPACITY);
        assertThat(ring.receiver.availableBytes()).isEqualTo(100);
        ring.word(RingLayout.WRITER_WAIT, RingLayout.SLEEPER);
        ring.word(RingLayout.WANTED, Integer.MIN_VALUE);
        assertThat(read(200)).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -5, 0, 1, Long.MAX_VALUE})
    void shouldHandOnOffsetsAsTheyAre(long word) {
        ring.longWord(RingLayout.START, word);
        ring.longWord(RingLayout.END, word);
        ring.longWord(RingLayout.FIN, word);
        assertThat(ring.receiver.start()).isEqualTo(word - 1);
        assertThat(ring.receiver.end()).isEqualTo(word - 1);
        assertThat(ring.receiver.fin()).isEqualTo(word - 1);
    }

    // ---- lies of the receiver

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -8, 1, 4, 12, 4096 + 8, 1 << 20, Long.MAX_VALUE, Long.MAX_VALUE - 7})
    void shouldRefuseAnImpossibleHead(long value) throws Exception {
        while (write(500) > 0) {
            // until it is full
        }
        ring.longWord(head, value);
        assertThatThrownBy(() -> write(100)).isInstanceOf(RingViolation.class).hasMessageContaining("" + value);
        assertThatThrownBy(ring.sender::hasRoom).isInstanceOf(RingViolation.class);
        assertThat(ring.sender.fillBytes()).isBetween(0, CAPACITY);
    }

    @Test
    void shouldRefuseAHeadThatGoesBack() throws Exception {
        while (write(500) > 0) {
            // until it is full
        }
        read(3000);
        assertThat(write(2000)).isEqualTo(2000);
        ring.longWord(head, 512); // it was at 2,560 or more, and the sender has seen that
        assertThatThrownBy(() -> write(4000)).isInstanceOf(RingViolation.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1, 4, 7, 64, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void shouldTakeAnyStateWord(int state) throws Exception {
        ring.word(RingLayout.RECEIVER_STATE, state);
        ring.word(RingLayout.RECEIVER_EVENTS, state);
        ring.word(RingLayout.SENDER_STATE, state);
        ring.word(RingLayout.SENDER_EVENTS, state);
        ring.sender.observe();
        ring.receiver.observe();
        assertThat(write(10)).isIn(-1, 10);
        assertThat(read(10)).isIn(0, 10);
        assertThat(ring.receiver.aborted()).isEqualTo((state & RingLayout.SENDER_ABORTED) != 0);
        assertThat(ring.sender.receiverReady()).isEqualTo((state & RingLayout.RECEIVER_READY) != 0);
    }

    // ---- lies about waiting

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, -1, Integer.MIN_VALUE})
    void shouldWakeByKickWhenThePeerHasChangedTheWaitWord(int value) throws Exception {
        ring.receiver.observe();
        Future<?> reader = thread.submit(() -> ring.receiver.await(Long.MAX_VALUE));
        await().atMost(Duration.ofSeconds(20)).until(() -> ring.memory.sleepers() == 1);
        ring.word(RingLayout.READER_WAIT, value); // and no wake
        ring.receiver.kick();
        try {
            reader.get(10, TimeUnit.SECONDS);
        } finally {
            ring.memory.wakeWord(ring.memory.offset() + RingLayout.READER_WAIT, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 77, -1, Integer.MIN_VALUE})
    void shouldSignalAWaiterOfUnknownKind(int value) throws Exception {
        ring.word(RingLayout.READER_WAIT, value);
        write(1);
        assertThat(ring.signalsToReceiver).hasValue(1);
        assertThat(ring.word(RingLayout.READER_WAIT)).isEqualTo(RingLayout.NOBODY);
    }

    @Test
    void shouldStillReturnFromTimedWaitsWhenThePeerClearsTheWord() throws Exception {
        ring.receiver.observe();
        Future<?> reader = thread.submit(() -> ring.receiver.await(200_000_000));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> ring.word(RingLayout.READER_WAIT) == RingLayout.SLEEPER || reader.isDone());
        ring.word(RingLayout.READER_WAIT, RingLayout.NOBODY);
        reader.get(20, TimeUnit.SECONDS);
    }
}
