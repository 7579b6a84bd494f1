package org.xenvmc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a selector learns from its sleeps. */
class AdaptiveSpinTest {
    private static final long LONGEST_NS = 20_000;
    private static final long SHORT_NS = 50_000;
    private static final long LONG_NS = 10_000_000;

    private static AdaptiveSpin spin(WaitStrategy strategy, int processors) {
        return new AdaptiveSpin(strategy, LONGEST_NS, processors);
    }

    @Test
    void shouldNotSpinBeforeASignalHasComeSoon() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        assertThat(spin.limitNs()).isZero();
        spin.slept(LONG_NS, true);
        spin.slept(SHORT_NS, false);
        assertThat(spin.limitNs()).isZero();
    }

    @Test
    void shouldSpinWhenSignalsComeSoon() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        spin.slept(SHORT_NS, true);
        assertThat(spin.limitNs()).isPositive();
        spin.slept(SHORT_NS, true);
        spin.slept(SHORT_NS, true);
        assertThat(spin.limitNs()).isEqualTo(LONGEST_NS);
    }

    @Test
    void shouldGiveUpWhenSignalsComeLateOrNever() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        spin.slept(SHORT_NS, true);
        for (int i = 0; i < 20; i++) {
            long before = spin.limitNs();
            spin.slept(LONG_NS, i % 2 == 0);
            assertThat(spin.limitNs()).isLessThanOrEqualTo(before);
        }
        assertThat(spin.limitNs()).isZero();
    }

    @Test
    void shouldStopAndTryAgainLaterAndLaterWhenSpinsFindNothing() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        int spins = 0;
        for (int i = 0; i < 10_000; i++) {
            spins += spin.limitNs() > 0 ? 1 : 0;
            spin.slept(SHORT_NS, true); // soon enough, but the spin before it found nothing
        }
        assertThat(spins).isBetween(100, 2_000);
    }

    @Test
    void shouldGoOnSpinningWhenThatPaysMoreOftenThanNot() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        spin.slept(SHORT_NS, true);
        for (int i = 0; i < 1_000; i++) {
            spin.paid();
            spin.paid();
            spin.slept(SHORT_NS, true);
            assertThat(spin.limitNs()).isPositive();
        }
    }

    @Test
    void shouldSpinAgainWhenThatPaysAgain() {
        AdaptiveSpin spin = spin(WaitStrategy.ADAPTIVE, 2);
        for (int i = 0; i < 100_000; i++) {
            spin.slept(SHORT_NS, true);
        }
        int sleeps = 0;
        while (spin.limitNs() == 0) {
            spin.slept(SHORT_NS, true);
            assertThat(++sleeps).isLessThan(2_000);
        }
        for (int i = 0; i < 100; i++) {
            spin.paid();
            assertThat(spin.limitNs()).isPositive();
        }
    }

    @Test
    void shouldNeverSpinOnOneProcessorOrWhenToldToPark() {
        for (AdaptiveSpin spin : new AdaptiveSpin[] {
            spin(WaitStrategy.ADAPTIVE, 1), spin(WaitStrategy.SPIN, 1), spin(WaitStrategy.PARK, 8)
        }) {
            spin.slept(SHORT_NS, true);
            assertThat(spin.limitNs()).isZero();
            assertThat(spin.endless()).isFalse();
        }
        assertThat(spin(WaitStrategy.SPIN, 2).endless()).isTrue();
        assertThat(spin(WaitStrategy.ADAPTIVE, 2).endless()).isFalse();
    }
}
