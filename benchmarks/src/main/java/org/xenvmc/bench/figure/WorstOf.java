package org.xenvmc.bench.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.MeasurementException;

/**
 * A figure that consists of several: its own row is that of the part with the lowest ratio, and it is met when each
 * part is.
 *
 * @param id see {@link Figure#id}
 * @param title see {@link Figure#title}
 * @param parts what is measured, at least one
 */
record WorstOf(String id, String title, List<Figure> parts) implements Figure {
    @Override
    public String goal() {
        return parts.get(0).goal() + " in each part";
    }

    @Override
    public List<FigureResult> measure(BenchEnvironment environment, Plan plan) throws MeasurementException {
        List<FigureResult> rows = new ArrayList<>();
        List<FigureResult> own = new ArrayList<>();
        for (Figure part : parts) {
            List<FigureResult> result = part.measure(environment, plan);
            own.add(result.get(0));
            rows.addAll(result);
        }
        FigureResult worst = own.stream()
                .min(Comparator.comparingDouble(FigureResult::ratio))
                .orElseThrow();
        rows.add(0, worst.as(id, goal(), own.stream().noneMatch(FigureResult::missed)));
        return rows;
    }
}
