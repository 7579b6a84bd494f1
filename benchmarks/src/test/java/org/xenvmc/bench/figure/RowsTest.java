package org.xenvmc.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.bench.report.FigureResult;

class RowsTest {
    private static Metric metric(boolean higherIsBetter, Goal goal) {
        return new Metric("", "x", higherIsBetter, r -> 0, goal);
    }

    @Test
    void shouldCompareWithinPairsAndNotMedians() {
        double[] ours = {10, 1, 40};
        double[] peer = {5, 1, 10};
        FigureResult row = Rows.of("a", metric(true, Goal.ratioAtLeast(2)), ours, peer);
        assertThat(row.ours()).isEqualTo(10);
        assertThat(row.peer()).isEqualTo(5);
        assertThat(row.ratio()).isEqualTo(2);
        assertThat(row.low()).isEqualTo(1.5);
        assertThat(row.high()).isEqualTo(3);
        assertThat(row.met()).isTrue();
    }

    @Test
    void shouldTurnTheRatioRoundWhereLessIsBetter() {
        FigureResult row = Rows.of("a", metric(false, Goal.ratioAtLeast(1)), new double[] {2, 2}, new double[] {8, 8});
        assertThat(row.ratio()).isEqualTo(4);
    }

    @Test
    void shouldHaveNoRatioWhenBothAreZeroAndStillJudgeAnAbsoluteGoal() {
        FigureResult row = Rows.of("idle", metric(false, Goal.below(0.05, "ms")), new double[2], new double[2]);
        assertThat(row.ratio()).isNaN();
        assertThat(row.met()).isTrue();
    }

    @Test
    void shouldMissAFigureWhenOneOfItsPartsDoes() {
        FigureResult met = row("rr", "ratio >= 1", true);
        List<FigureResult> rows =
                Rows.summarised(List.of(met, row("rr.p99", "ratio >= 1", false), row("rr.unix", "", null)));
        assertThat(rows.get(0).met()).isFalse();
        assertThat(rows.get(0).goal()).isEqualTo("ratio >= 1, p99 ratio >= 1");
        assertThat(rows.subList(1, 3)).extracting(FigureResult::met).containsExactly(false, null);
    }

    @Test
    void shouldLeaveASingleGoalAsItIs() {
        List<FigureResult> rows = List.of(row("rr", "ratio >= 1", true), row("rr.p50", "", null));
        assertThat(Rows.summarised(rows)).isEqualTo(rows);
    }

    private static FigureResult row(String id, String goal, Boolean met) {
        return new FigureResult(id, 1, 1, "x", 1, 1, 1, goal, met, null);
    }
}
