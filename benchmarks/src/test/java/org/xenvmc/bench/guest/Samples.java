package org.xenvmc.bench.guest;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results made by hand. */
final class Samples {
    static final double BANDWIDTH = 32 << 20;

    /** 50,000 pages of 4,104 bytes at that bandwidth. */
    private static final double FIRST_ROUND_MS = Math.rint(50_000 * 4104 / BANDWIDTH * 1000);

    private Samples() {}

    static CaseRun run(String id, double totalMs, double pages) {
        return run(id, totalMs, pages, Map.of());
    }

    static CaseRun run(String id, double totalMs, double pages, Map<String, Double> more) {
        Map<String, Double> figures = new TreeMap<>(Map.of(
                CaseRun.TOTAL_MS,
                totalMs,
                CaseRun.PAGES,
                pages,
                CaseRun.FIRST_ROUND_PAGES,
                50_000.0,
                CaseRun.FIRST_ROUND_MS,
                FIRST_ROUND_MS,
                CaseRun.ROUNDS,
                3.0,
                CaseRun.DOWNTIME_MS,
                12.0,
                CaseRun.SENT_BYTES,
                pages * 4104,
                CaseRun.BANDWIDTH,
                BANDWIDTH,
                CaseRun.DOWNTIME_LIMIT_MS,
                300.0));
        figures.putAll(more);
        return new CaseRun(id, "2026-01-01T00:00:00Z", "an emulated processor", "", figures, List.of(100L, 1_000_000L));
    }
}
