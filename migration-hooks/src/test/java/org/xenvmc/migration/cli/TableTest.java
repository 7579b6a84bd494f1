package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
    @Test
    void shouldMakeColumnsAsWideAsTheyHaveToBe() {
        Table table = new Table("name", ">n", "x").row("a", 1, "").row("longer", 1000, "y");

        assertThat(table).hasToString("name       n  x\na          1\nlonger  1000  y\n");
    }

    @Test
    void shouldRefuseARowThatDoesNotFit() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Table("a", "b").row(1));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "999,999 B",
        "999.6,1.00 kB",
        "1000,1.00 kB",
        "12345,12.3 kB",
        "123456,123 kB",
        "999999,1.00 MB",
        "1.5e12,1.50 TB",
        "NaN,-"
    })
    void shouldShowThreeDigitsOfBytes(double bytes, String text) {
        assertThat(Units.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0 ns", "130.4,130 ns", "1500,1.50 us", "2.5e6,2.50 ms", "61e9,61.0 s", "5e12,5000 s"})
    void shouldShowThreeDigitsOfTimes(double ns, String text) {
        assertThat(Units.time(ns)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"10,4,2.50x", "1,0,-", "0,0,-", "100,1,100x"})
    void shouldShowRatios(double value, double than, String text) {
        assertThat(Units.ratio(value, than)).isEqualTo(text);
    }
}
