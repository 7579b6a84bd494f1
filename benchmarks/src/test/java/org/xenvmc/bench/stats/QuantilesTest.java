package org.xenvmc.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class QuantilesTest {
    @Test
    void shouldTakeTheMiddleWhenTheCountIsOdd() {
        assertThat(Quantiles.of(9.0, 1.0, 5.0).median()).isEqualTo(5.0);
    }

    @Test
    void shouldInterpolateWhenTheCountIsEven() {
        assertThat(Quantiles.of(4.0, 1.0, 2.0, 3.0).median()).isEqualTo(2.5);
    }

    @Test
    void shouldInterpolateQuartilesBetweenNeighbours() {
        Quantiles q = Quantiles.of(10.0, 20.0, 30.0, 40.0);
        assertThat(q.lowerQuartile()).isCloseTo(17.5, within(1e-12));
        assertThat(q.upperQuartile()).isCloseTo(32.5, within(1e-12));
    }

    @Test
    void shouldReachBothEndsWhenAsked() {
        Quantiles q = Quantiles.of(3L, 1L, 2L);
        assertThat(q.at(0)).isEqualTo(1);
        assertThat(q.at(1)).isEqualTo(3);
    }

    @Test
    void shouldLeaveOutWhatIsNotFinite() {
        assertThat(Quantiles.of(Double.NaN, 7.0, Double.POSITIVE_INFINITY).median())
                .isEqualTo(7.0);
    }

    @Test
    void shouldBeNotANumberWhenThereIsNone() {
        assertThat(Quantiles.of(Double.NaN).median()).isNaN();
    }

    @Test
    void shouldRefuseAShareOutsideOfZeroToOne() {
        assertThatThrownBy(() -> Quantiles.of(1.0).at(1.5)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> Quantiles.of(1.0).at(Double.NaN)).hasMessageContaining("NaN");
    }
}
