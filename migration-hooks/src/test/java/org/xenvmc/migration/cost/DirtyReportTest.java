package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.json.JsonObject;

class DirtyReportTest {
    private static final long SECOND = 1_000_000_000L;

    private static DirtySample sample(long ns, Map<MappingKind, Long> written) {
        return new DirtySample(ns, new TransportPages(1, 2, 1, 8192, 4, 5), written);
    }

    @Test
    void shouldSurviveTheWayThroughJson() throws Exception {
        DirtyReport report = new DirtyReport(
                true,
                77,
                "PAGEMAP_SCAN",
                null,
                List.of(
                        sample(
                                SECOND,
                                Map.of(MappingKind.HEAP, 10L, MappingKind.REST, 5L, MappingKind.SHARED_MEMORY, 1L)),
                        sample(2 * SECOND, Map.of(MappingKind.REST, 5L))));

        assertThat(DirtyReport.of(JsonObject.parse(report.toJson().toString()))).isEqualTo(report);
        assertThat(report.receivedBytesPerSecond()).isEqualTo(2 * 8192 / 3.0);
    }

    /**
     * 15 pages within a second, 18 within two: 9 within 0.6, 15 + 0.5 x 3 = 16.5 within 1.5, 3 more each second after.
     */
    @Test
    void shouldMakeAModelOfWhatWasMeasured() {
        DirtyReport report = new DirtyReport(
                true,
                77,
                "PAGEMAP_SCAN",
                null,
                List.of(
                        sample(
                                SECOND,
                                Map.of(MappingKind.HEAP, 10L, MappingKind.REST, 5L, MappingKind.SHARED_MEMORY, 100L)),
                        sample(2 * SECOND, Map.of(MappingKind.HEAP, 12L, MappingKind.REST, 6L))));
        DirtyModel model = report.writtenModel(MappingKind.HEAP, MappingKind.REST);

        assertThat(model.pagesWithin(0)).isZero();
        assertThat(model.pagesWithin(SECOND * 6 / 10)).isEqualTo(9);
        assertThat(model.pagesWithin(SECOND)).isEqualTo(15);
        assertThat(model.pagesWithin(SECOND * 3 / 2)).isEqualTo(17);
        assertThat(model.pagesWithin(10 * SECOND)).isEqualTo(18 + 8 * 3);
    }

    @Test
    void shouldSayUnavailableAndNeverNothing() throws Exception {
        DirtyReport report =
                new DirtyReport(true, 77, null, "the kernel does not count", List.of(sample(SECOND, null)));

        assertThat(report.writtenModel(MappingKind.values())).isNull();
        JsonObject json = JsonObject.parse(report.toJson().toString());
        assertThat(json.objects("samples").get(0).has("heapPages")).isFalse();
        assertThat(DirtyReport.of(json)).isEqualTo(report);
    }

    @Test
    void shouldNotLetALongerTimeHaveFewerPages() {
        DirtyModel model = DirtyModel.measured(new TreeMap<>(Map.of(SECOND, 100L, 2 * SECOND, 40L)));

        assertThat(model.pagesWithin(2 * SECOND)).isEqualTo(100);
        assertThat(model.pagesWithin(20 * SECOND)).isEqualTo(100);
        assertThatIllegalArgumentException().isThrownBy(() -> DirtyModel.measured(new TreeMap<>()));
    }
}
