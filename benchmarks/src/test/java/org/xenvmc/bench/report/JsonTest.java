package org.xenvmc.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
    private static final FigureResult RESULT = new FigureResult(
            "rr.spin", 7_000_000, 20_000.5, "round trips/s", 350, 340.123456789, 361, "ratio >= 40", true, null);

    @Test
    void shouldWriteOneObjectPerRowWithTheAgreedKeys() {
        assertThat(Json.render(List.of(RESULT)))
                .isEqualTo(
                        "[\n  {\"id\": \"rr.spin\", \"ours\": 7000000, \"peer\": 20000.5, \"unit\": \"round trips/s\","
                                + " \"ratio\": 350, \"low\": 340.123, \"high\": 361, \"goal\": \"ratio >= 40\", \"met\": true}\n]\n");
    }

    @Test
    void shouldSeparateRowsWithCommas() {
        assertThat(Json.render(List.of(RESULT, RESULT))).containsOnlyOnce("},\n  {");
    }

    @Test
    void shouldSayNullWhereThereIsNoNumberAndNoGoal() {
        FigureResult row = new FigureResult(
                "idle", 0, 0, "ms/s", Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, "", null, null);
        assertThat(Json.render(List.of(row)))
                .contains("\"ours\": 0,", "\"ratio\": null, \"low\": null, \"high\": null", "\"met\": null}");
    }

    @Test
    void shouldCarryTheCauseWhenAFigureFailed() {
        FigureResult row = FigureResult.failed("crr", "ratio >= 0.9", "process \"x\"\n\tended\u0001");
        assertThat(Json.render(List.of(row)))
                .contains("\"met\": false, \"error\": \"process \\\"x\\\"\\n\\tended\\u0001\"}");
    }

    @Test
    void shouldNotUseExponents() {
        assertThat(Json.number(1.23456789e12)).isEqualTo("1234570000000");
        assertThat(Json.number(4.2e-9)).isEqualTo("0.0000000042");
    }

    @Test
    void shouldReplaceTheFileAndLeaveNothingElse(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("report.json");
        Files.writeString(file, "old");
        Json.write(file, List.of(RESULT));
        assertThat(file).content().isEqualTo(Json.render(List.of(RESULT)));
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void shouldGiveTheReasonWithoutAVerdictWhenTheMachineDoesNotGiveIt() {
        assertThat(Json.render(List.of(FigureResult.unavailable("crr.quickack", "needs root"))))
                .contains("\"ratio\": null", "\"goal\": \"\", \"met\": null, \"error\": \"needs root\"");
    }
}
