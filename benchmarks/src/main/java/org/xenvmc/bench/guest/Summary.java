package org.xenvmc.bench.guest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xenvmc.bench.stats.Quantiles;

/**
 * All runs of one case together.
 *
 * @param scenario the case
 * @param runs those that succeeded, at least one
 */
record Summary(Scenario scenario, List<CaseRun> runs) {
    /** By the name of the case, in the order of the catalogue; cases that never succeeded, or that it does not know, are missing. */
    static Map<String, Summary> of(List<CaseRun> all) {
        Map<String, Summary> found = new LinkedHashMap<>();
        for (Scenario s : Scenarios.all()) {
            List<CaseRun> runs = new ArrayList<>();
            for (CaseRun run : all) {
                if (run.id().equals(s.id()) && !run.failed()) {
                    runs.add(run);
                }
            }
            if (!runs.isEmpty()) {
                found.put(s.id(), new Summary(s, runs));
            }
        }
        return found;
    }

    private Quantiles all(String figure) {
        return Quantiles.of(runs.stream()
                .mapToDouble(r -> r.figure(figure).orElse(Double.NaN))
                .toArray());
    }

    /** The median over the runs; NaN when none has this figure. */
    double median(String figure) {
        return all(figure).median();
    }

    double least(String figure) {
        return all(figure).at(0);
    }

    double most(String figure) {
        return all(figure).at(1);
    }

    /** Whether the limit of rounds stopped the guest in any run. */
    boolean forced() {
        return most(CaseRun.FORCED) > 0;
    }
}
