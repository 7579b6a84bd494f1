package org.xenvmc.bench.figure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.stats.Quantiles;

/** Turns the numbers of rounds into rows of the report. */
final class Rows {
    private Rows() {}

    /**
     * A row from the numbers of pairs of rounds.
     *
     * @param ours this library's number of each pair
     * @param peer the peer's number of each pair, in the same order
     */
    static FigureResult of(String id, Metric metric, double[] ours, double[] peer) {
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ours.length; i++) {
            ratios[i] = metric.ratio(ours[i], peer[i]);
        }
        return of(
                id,
                metric.unit(),
                Quantiles.of(ours).median(),
                Quantiles.of(peer).median(),
                ratios,
                metric.goal());
    }

    /** A row from medians and the ratios of pairs. */
    static FigureResult of(String id, String unit, double ours, double peer, double[] ratios, Goal goal) {
        Quantiles q = Quantiles.of(ratios);
        double ratio = q.median();
        return new FigureResult(
                id,
                ours,
                peer,
                unit,
                ratio,
                q.lowerQuartile(),
                q.upperQuartile(),
                goal.text(),
                goal.met(ours, ratio),
                null);
    }

    /** Gives the first row the goals of all: the figure is met when each of its parts is. */
    static List<FigureResult> summarised(List<FigureResult> rows) {
        List<FigureResult> parts =
                rows.stream().filter(r -> !r.goal().isEmpty()).toList();
        if (parts.size() < 2) {
            return rows;
        }
        String id = rows.get(0).id();
        String goals = parts.stream()
                .map(r -> r.id().equals(id) ? r.goal() : r.id().substring(id.length() + 1) + " " + r.goal())
                .collect(Collectors.joining(", "));
        List<FigureResult> result = new ArrayList<>(rows);
        result.set(0, rows.get(0).as(id, goals, parts.stream().noneMatch(FigureResult::missed)));
        return result;
    }
}
