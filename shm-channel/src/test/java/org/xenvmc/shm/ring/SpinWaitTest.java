package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.WaitStrategy;

class SpinWaitTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(30);

    /** Looks until the condition holds at the given look. */
    private static boolean spin(SpinWait wait, int holdsAt) {
        AtomicInteger looks = new AtomicInteger();
        return wait.spin(() -> looks.incrementAndGet() >= holdsAt, LONG_NS);
    }

    @Test
    void shouldSpinUntilTheConditionHolds() {
        assertThat(spin(new SpinWait(WaitStrategy.SPIN, 0, 2), 1_000)).isTrue();
        assertThat(spin(new SpinWait(WaitStrategy.ADAPTIVE, LONG_NS, 2), 1_000)).isTrue();
    }

    @Test
    void shouldLookOnceWhenThePeerNeedsTheOnlyProcessor() {
        assertThat(spin(new SpinWait(WaitStrategy.SPIN, 0, 1), 1)).isTrue();
        assertThat(spin(new SpinWait(WaitStrategy.SPIN, 0, 1), 2)).isFalse();
        assertThat(spin(new SpinWait(WaitStrategy.ADAPTIVE, LONG_NS, 1), 2)).isFalse();
        assertThat(new SpinWait(WaitStrategy.SPIN, 0, 1).endless()).isFalse();
    }

    @Test
    void shouldNotSpinWhenThatIsForbidden() {
        assertThat(spin(new SpinWait(WaitStrategy.PARK, LONG_NS, 2), 2)).isFalse();
        assertThat(spin(new SpinWait(WaitStrategy.ADAPTIVE, 0, 2), 2)).isFalse();
    }

    @Test
    void shouldSpinBetweenMachinesWithOneProcessorEach() {
        assertThat(spin(SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, LONG_NS, 1, new WakeCost()), 1_000))
                .isTrue();
        assertThat(spin(SpinWait.betweenMachines(WaitStrategy.PARK, LONG_NS, 1, new WakeCost()), 2))
                .isFalse();
        assertThat(spin(SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 0, 1, new WakeCost()), 2))
                .isFalse();
    }

    @Test
    void shouldSpinAsLongAsItTakesToWakeBothEnds() {
        WakeCost cost = new WakeCost();
        SpinWait wait = SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 1, 2, cost);
        int looks = 100; // which take longer than a nanosecond
        assertThat(spin(wait, looks)).isFalse();
        cost.measured(TimeUnit.MILLISECONDS.toNanos(5));
        assertThat(IntStream.range(0, 5).anyMatch(i -> spin(wait, looks)))
                .as("once in a few times even on a busy machine")
                .isTrue();
    }

    @Test
    void shouldStopSpinningBetweenMachinesWhenSleepsAreLong() {
        WakeCost cost = new WakeCost();
        cost.measured(TimeUnit.MILLISECONDS.toNanos(5));
        SpinWait wait = SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 1, 2, cost);
        for (int i = 0; i < 20; i++) {
            wait.slept(LONG_NS);
            assertThat(spin(wait, Integer.MAX_VALUE)).isFalse();
        }
        assertThat(wait.limitNs()).isLessThan(TimeUnit.MICROSECONDS.toNanos(5));
        wait.slept(TimeUnit.MILLISECONDS.toNanos(5));
        assertThat(wait.limitNs()).as("what would have paid is tried again").isEqualTo(5_000_000);
    }

    /** The answer came later than the longest spin would have lasted: no limit would have helped. */
    @Test
    void shouldSpinLessBetweenMachinesWhenAShortSleepFollowsALongSpin() {
        WakeCost cost = new WakeCost();
        cost.measured(TimeUnit.MILLISECONDS.toNanos(5));
        SpinWait wait = SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 1, 2, cost);
        assertThat(spin(wait, Integer.MAX_VALUE)).isFalse();
        assertThat(wait.limitNs()).isEqualTo(10_000_000);
        wait.slept(TimeUnit.MILLISECONDS.toNanos(6));
        assertThat(wait.limitNs()).isEqualTo(5_000_000);
    }

    @Test
    void shouldMeasureAgainAfterManyLongSpinsThatFoundSomething() {
        WakeCost cost = new WakeCost();
        cost.begin();
        cost.measured(TimeUnit.MILLISECONDS.toNanos(5));
        SpinWait wait = SpinWait.betweenMachines(WaitStrategy.ADAPTIVE, 1, 2, cost);
        assertThat(cost.due()).isFalse();
        int spins = 0;
        while (!cost.due() && spins < 10_000) {
            spin(wait, 2);
            spins++;
        }
        assertThat(cost.due()).isTrue();
        assertThat(spins).isGreaterThan(500);
    }
}
