package org.xenvmc.migration.cli.demo.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
    @ParameterizedTest
    @CsvSource({"0,1", "0.001,3", "0.5,1500", "0.99,2970", "0.999,2997", "1,3000"})
    void shouldFindQuantilesByNearestRank(double part, long expected) {
        Samples samples = new Samples();
        for (int i = 3000; i > 0; i--) {
            samples.add(i);
        }

        assertThat(samples.quantile(part)).isEqualTo(expected);
    }

    @Test
    void shouldSayNothingOfNothing() {
        assertThat(new Samples().quantile(0.5)).isZero();
    }

    @Test
    void shouldGoOnAfterAQuestion() {
        Samples samples = new Samples();
        samples.add(5);
        assertThat(samples.quantile(1)).isEqualTo(5);
        samples.add(1);

        assertThat(samples.quantile(0.5)).isEqualTo(1);
        assertThat(samples.size()).isEqualTo(2);
    }
}
