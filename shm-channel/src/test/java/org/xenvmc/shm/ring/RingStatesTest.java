package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.spi.RingReceiver;

/** The words beside the records, and who is woken by what. */
class RingStatesTest {
    private static final int CAPACITY = 4096;

    private final RingFixture ring = new RingFixture(CAPACITY);
    private final SpscRingSender sender = ring.sender;
    private final SpscRingReceiver receiver = ring.receiver;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        sender.kick();
        receiver.kick();
        thread.shutdownNow();
        ring.memory.assertGuardsIntact();
    }

    private void fill() throws Exception {
        while (sender.write(ByteBuffer.allocate(64)) > 0) {
            // until it is full
        }
    }

    /** Runs until it sleeps on its word. */
    private Future<?> sleeper(RingEnd end) throws Exception {
        Future<?> done = thread.submit(() -> end.await(Long.MAX_VALUE));
        await().atMost(Duration.ofSeconds(20)).until(() -> ring.memory.sleepers() == 1);
        return done;
    }

    private static void assertEnds(Future<?> f) throws Exception {
        f.get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldHaveNothingPublishedWhenNew() throws Exception {
        assertThat(receiver.start()).isEqualTo(RingReceiver.UNSET);
        assertThat(receiver.end()).isEqualTo(RingReceiver.UNSET);
        assertThat(receiver.fin()).isEqualTo(RingReceiver.UNSET);
        assertThat(receiver.aborted()).isFalse();
        assertThat(receiver.cancelled()).isFalse();
        assertThat(receiver.hasData()).isFalse();
        assertThat(receiver.availableBytes()).isZero();
        assertThat(sender.receiverReady()).isFalse();
        assertThat(sender.receiverClosed()).isFalse();
        assertThat(sender.receiverDone()).isFalse();
        assertThat(sender.hasRoom()).isTrue();
        assertThat(sender.fillBytes()).isZero();
    }

    @Test
    void shouldPublishOffsetsZeroIncluded() {
        sender.start(0);
        assertThat(receiver.start()).isZero();
        sender.end(1L << 40);
        assertThat(receiver.end()).isEqualTo(1L << 40);
        sender.fin(Long.MAX_VALUE - 1);
        assertThat(receiver.fin()).isEqualTo(Long.MAX_VALUE - 1);
    }

    @Test
    void shouldPublishEndFinAndAbortWithoutRoom() throws Exception {
        fill();
        int there = receiver.availableBytes();
        sender.end(17);
        sender.fin(18);
        sender.abort();
        assertThat(receiver.end()).isEqualTo(17);
        assertThat(receiver.fin()).isEqualTo(18);
        assertThat(receiver.aborted()).isTrue();
        assertThat(receiver.availableBytes()).isEqualTo(there);
    }

    @Test
    void shouldShowReadyClosedAndReleasedToTheSender() throws Exception {
        receiver.ready();
        assertThat(sender.receiverReady()).isTrue();
        assertThat(sender.receiverClosed()).isFalse();
        assertThat(sender.write(ByteBuffer.allocate(1))).isEqualTo(1);
        receiver.close(false);
        assertThat(sender.receiverClosed()).isTrue();
        assertThat(sender.receiverReady()).isTrue();
        assertThat(sender.write(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(sender.write(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(RingLayout.releasedByReceiver(ring.memory.ring())).isFalse();
        receiver.release();
        assertThat(RingLayout.releasedByReceiver(ring.memory.ring())).isTrue();
    }

    @Test
    void shouldRefuseToWriteWhenTheReceiverReleasedWithoutClosing() throws Exception {
        receiver.ready();
        receiver.release();
        assertThat(sender.receiverClosed()).isTrue();
        assertThat(sender.receiverDone()).isTrue();
        assertThat(sender.write(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void shouldShowACancelledRing() {
        receiver.ready();
        sender.cancel();
        sender.release();
        assertThat(receiver.cancelled()).isTrue();
        assertThat(receiver.start()).isEqualTo(RingReceiver.UNSET);
        assertThat(ring.released).hasValue(1);
    }

    @Test
    void shouldBeDoneWhenEverythingUpToTheEndIsTaken() throws Exception {
        sender.write(ByteBuffer.allocate(100));
        sender.end(100);
        assertThat(sender.receiverDone()).isFalse();
        receiver.read(ByteBuffer.allocate(99));
        assertThat(sender.receiverDone()).isFalse();
        receiver.read(ByteBuffer.allocate(1));
        assertThat(sender.receiverDone()).isTrue();
    }

    @Test
    void shouldBeDoneWhenTheReceiverClosesWithDataInside() throws Exception {
        sender.write(ByteBuffer.allocate(100));
        sender.end(100);
        receiver.close(true);
        assertThat(sender.receiverDone()).isTrue();
    }

    @Test
    void shouldTouchNothingAfterRelease() {
        sender.release();
        receiver.release();
        RingLayout.initialise(ring.memory.ring(), CAPACITY);
        sender.release();
        receiver.release();
        sender.kick();
        receiver.kick();
        assertThat(sender.arm()).isTrue();
        assertThat(receiver.arm()).isTrue();
        assertThat(sender.fillBytes()).isZero();
        assertThat(receiver.fillBytes()).isZero();
        assertThat(receiver.start()).isEqualTo(RingReceiver.UNSET);
        assertThat(receiver.aborted()).isFalse();
        assertThat(sender.receiverDone()).isTrue();
        for (int i = 0; i < RingLayout.ringBytes(CAPACITY); i += Integer.BYTES) {
            assertThat(ring.word(i)).as("word at %d", i).isZero();
        }
        assertThat(ring.released).hasValue(2);
    }

    /** Its owner may use the ring again as soon as it sees the word: waking is an access to the ring, too. */
    @Test
    void shouldHaveTouchedEverythingBeforeItSaysReleased() {
        boolean[] seen = {false};
        ring.word(RingLayout.WRITER_WAIT, RingLayout.SLEEPER);
        ring.memory.onWake(offset -> seen[0] |= RingLayout.releasedByReceiver(ring.memory.ring()));
        receiver.release();
        assertThat(seen[0]).as("a waiter was woken after the ring was released").isFalse();
        assertThat(RingLayout.releasedByReceiver(ring.memory.ring())).isTrue();
    }

    @Test
    void shouldHaveCountedTheEventBeforeItSaysReleased() throws Exception {
        for (int i = 0; i < 500; i++) {
            RingFixture r = new RingFixture(CAPACITY);
            Future<?> owner = thread.submit(() -> {
                ByteBuffer memory = r.memory.ring();
                while (!RingLayout.releasedByReceiver(memory)) {
                    Thread.onSpinWait();
                }
                RingLayout.initialise(memory, CAPACITY);
            });
            r.receiver.release();
            owner.get();
            assertThat(r.word(RingLayout.RECEIVER_EVENTS))
                    .as("event word of the next user, round %d", i)
                    .isZero();
        }
    }

    // ---- urgent data

    @Test
    void shouldDropUrgentDataInItsPlaceOrTakeIt() throws Exception {
        for (boolean inline : new boolean[] {false, true}) {
            RingFixture r = new RingFixture(CAPACITY);
            r.receiver.urgentInline(() -> inline);
            r.sender.write(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(r.sender.writeUrgent((byte) 3)).isTrue();
            r.sender.write(ByteBuffer.wrap(new byte[] {4}));
            ByteBuffer dst = ByteBuffer.allocate(10);
            while (r.receiver.hasData()) {
                r.receiver.read(dst);
            }
            byte[] expected = inline ? new byte[] {1, 2, 3, 4} : new byte[] {1, 2, 4};
            assertThat(Arrays.copyOf(dst.array(), dst.position())).isEqualTo(expected);
            assertThat(r.receiver.droppedBytes()).isEqualTo(inline ? 0 : 1);
        }
    }

    @Test
    void shouldNotTakeUrgentDataWhenFull() throws Exception {
        fill();
        while (sender.write(ByteBuffer.allocate(1)) > 0) {
            // until nothing fits
        }
        assertThat(sender.writeUrgent((byte) 1)).isFalse();
        receiver.read(ByteBuffer.allocate(100));
        assertThat(sender.writeUrgent((byte) 1)).isTrue();
    }

    // ---- who is woken

    @Test
    void shouldWakeASleepingReaderByDataAndByEachWord() throws Exception {
        Runnable[] causes = {
            () -> sender.start(0),
            () -> write(1),
            () -> sender.end(1),
            () -> sender.fin(1),
            sender::abort,
            sender::cancel,
            receiver::kick,
        };
        for (Runnable cause : causes) {
            receiver.observe();
            receiver.read(ByteBuffer.allocate(CAPACITY));
            Future<?> reader = sleeper(receiver);
            cause.run();
            assertEnds(reader);
        }
        assertThat(receiver.sleeps()).isEqualTo(causes.length);
        assertThat(sender.wakeUps()).isEqualTo(causes.length - 1);
    }

    private void write(int bytes) {
        try {
            sender.write(ByteBuffer.allocate(bytes));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void shouldWakeASleepingWriterByRoomAndByEachWord() throws Exception {
        Runnable[] causes = {receiver::ready, this::readAll, sender::kick, () -> receiver.close(false)};
        for (Runnable cause : causes) {
            fill();
            sender.observe();
            Future<?> writer = sleeper(sender);
            cause.run();
            assertEnds(writer);
        }
    }

    private void readAll() {
        try {
            while (receiver.read(ByteBuffer.allocate(CAPACITY)) > 0) {
                // takes all
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void shouldNotWakeAWriterForLessRoomThanItWants() throws Exception {
        fill();
        sender.observe();
        assertThat(sender.write(ByteBuffer.allocate(1000))).isZero();
        Future<?> writer = sleeper(sender);
        receiver.read(ByteBuffer.allocate(300));
        assertThat(receiver.wakeUps()).isZero();
        assertThat(writer).isNotDone();
        receiver.read(ByteBuffer.allocate(1200));
        assertEnds(writer);
        assertThat(receiver.wakeUps()).isEqualTo(1);
        assertThat(sender.write(ByteBuffer.allocate(1000))).isEqualTo(1000);
    }

    @Test
    void shouldWakeAWriterThatWantsMoreThanTheRingWhenAQuarterIsFree() throws Exception {
        fill();
        sender.observe();
        assertThat(sender.write(ByteBuffer.allocate(10 * CAPACITY))).isZero();
        Future<?> writer = sleeper(sender);
        receiver.read(ByteBuffer.allocate(CAPACITY / 4 + 64));
        assertEnds(writer);
        assertThat(sender.hasRoom()).isTrue();
    }

    @Test
    void shouldNotSleepWhenSomethingHappenedSinceTheLastLook() throws Exception {
        receiver.observe();
        sender.start(5);
        receiver.await(Long.MAX_VALUE);
        receiver.observe();
        write(1);
        receiver.await(Long.MAX_VALUE);
        receiver.kick();
        receiver.read(ByteBuffer.allocate(1));
        receiver.await(Long.MAX_VALUE);
        assertThat(receiver.sleeps()).isZero();
    }

    @Test
    void shouldReturnFromAwaitWhenTheTimeIsOver() {
        receiver.observe();
        receiver.await(1_000_000);
        assertThat(receiver.sleeps()).isEqualTo(1);
        assertThat(ring.word(RingLayout.READER_WAIT)).isEqualTo(RingLayout.NOBODY);
    }

    // ---- selectors

    @Test
    void shouldSignalOnceAfterArming() throws Exception {
        receiver.observe();
        assertThat(receiver.arm()).isFalse();
        write(1);
        write(1);
        assertThat(ring.signalsToReceiver).hasValue(1);
        assertThat(receiver.arm()).as("data is there").isTrue();
    }

    @Test
    void shouldSignalAnArmedWriterWhenThereIsRoomForIt() throws Exception {
        fill();
        sender.observe();
        assertThat(sender.write(ByteBuffer.allocate(1000))).isZero();
        assertThat(sender.arm()).isFalse();
        receiver.read(ByteBuffer.allocate(100));
        assertThat(ring.signalsToSender).hasValue(0);
        receiver.read(ByteBuffer.allocate(1500));
        assertThat(ring.signalsToSender).hasValue(1);
        assertThat(sender.hasRoom()).isTrue();
    }

    @Test
    void shouldSignalAnArmedReaderByAWord() {
        receiver.observe();
        assertThat(receiver.arm()).isFalse();
        sender.fin(0);
        assertThat(ring.signalsToReceiver).hasValue(1);
        assertThat(ring.memory.sleepers()).isZero();
    }
}
