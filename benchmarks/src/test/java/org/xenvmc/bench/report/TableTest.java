package org.xenvmc.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static FigureResult row(String id, Boolean met) {
        return new FigureResult(id, 1234567, 0.01234, "us", 40.06, 39, 41, "ratio >= 40", met, null);
    }

    @Test
    void shouldAlignColumnsAndSayWhetherTheGoalWasMet() {
        String[] lines =
                Table.render(List.of(row("a", true), row("a.long.one", false))).split("\n");
        assertThat(lines).hasSize(3);
        assertThat(lines[1]).contains("1230000", "0.0123", "40.1", "39 .. 41").endsWith("met");
        assertThat(lines[2]).endsWith("MISSED");
        assertThat(lines[1].indexOf("met")).isEqualTo(lines[0].indexOf("result"));
    }

    @Test
    void shouldLeaveTheResultOpenWithoutAGoal() {
        FigureResult row = new FigureResult("a.unix", 1, 2, "us", 2, Double.NaN, Double.NaN, "", null, null);
        assertThat(Table.render(List.of(row)).split("\n")[1]).endsWith("-");
    }

    @Test
    void shouldTellWhatThisMachineDoesNotGiveFromAFailure() {
        String table = Table.render(List.of(FigureResult.unavailable("crr.quickack", "needs root")));
        assertThat(table)
                .contains("not here")
                .doesNotContain("FAILED")
                .contains("crr.quickack could not be measured: needs root");
    }

    @Test
    void shouldExplainBelowTheTableWhatCouldNotBeMeasured() {
        String table = Table.render(List.of(FigureResult.failed("crr", "ratio >= 0.9", "process ended")));
        assertThat(table).contains("FAILED", "crr could not be measured: process ended");
    }
}
