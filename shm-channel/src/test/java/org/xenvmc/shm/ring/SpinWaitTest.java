package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
}
