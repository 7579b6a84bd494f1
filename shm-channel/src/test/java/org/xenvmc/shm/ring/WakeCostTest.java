package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.WaitStrategy;
import org.xenvmc.transport.spi.AsymmetricFence;

class WakeCostTest {
    private static final int CAPACITY = 4096;

    private final WakeCost cost = new WakeCost();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void shouldMeasureEverMoreSeldom() {
        int[] measuring = {0};
        for (int i = 0; i < 1_000; i++) {
            if (cost.due()) {
                measuring[0]++;
                cost.begin();
            } else {
                cost.passed();
            }
        }
        assertThat(measuring[0]).isBetween(15, 25);
        while (cost.due()) {
            cost.begin();
        }
        cost.ask();
        assertThat(cost.due()).isTrue();
    }

    @Test
    void shouldFollowWhatIsMeasuredWithinBounds() {
        assertThat(cost.ns()).isZero();
        cost.measured(80_000);
        assertThat(cost.ns()).isEqualTo(80_000);
        cost.measured(40_000);
        assertThat(cost.ns()).isEqualTo(70_000);
        cost.measured(TimeUnit.SECONDS.toNanos(30));
        assertThat(cost.ns()).as("a frame that was none").isEqualTo(70_000);
        for (int i = 0; i < 100; i++) {
            cost.measured(TimeUnit.MILLISECONDS.toNanos(20));
        }
        assertThat(cost.ns()).isBetween(4_900_000L, 5_000_000L);
    }

    private RingPlace place(TestMemory memory, Runnable signal) {
        return new RingPlace(
                memory,
                memory.offset(),
                CAPACITY,
                SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 1, 1, cost),
                AsymmetricFence.SYMMETRIC,
                signal,
                () -> {});
    }

    /** The frame is a kick by another thread, as it is by the loop that watches TCP. */
    @Test
    void shouldMeasureFromTheSignalToTheFrameWhileTheWaiterGoesOn() throws Exception {
        TestMemory memory = new TestMemory(CAPACITY, false);
        SpscRingReceiver receiver = new SpscRingReceiver(place(memory, () -> {}));
        SpscRingSender sender = new SpscRingSender(place(memory, () -> threads.execute(receiver::kick)));
        ByteBuffer got = ByteBuffer.allocate(1);
        for (int i = 0; i < 10_000 && cost.ns() == 0; i++) { // a measurement waits for 5 ms: the signal may come later
            got.clear();
            Future<?> reader = threads.submit(() -> {
                while (receiver.read(got) == 0) {
                    receiver.await(TimeUnit.SECONDS.toNanos(20));
                }
                return null;
            });
            await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> receiver.sleeps() > 0 || reader.isDone());
            sender.write(ByteBuffer.wrap(new byte[] {(byte) i}));
            sender.wakePeer();
            reader.get(20, TimeUnit.SECONDS);
            assertThat(got.get(0)).isEqualTo((byte) i);
        }
        await().until(() -> cost.ns() > 0);
    }
}
