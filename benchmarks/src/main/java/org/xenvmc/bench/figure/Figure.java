package org.xenvmc.bench.figure;

import java.util.List;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.MeasurementException;

/** Something to measure, and how. */
public interface Figure {
    /** Its name on the command line and in reports. */
    String id();

    /** One line for people. */
    String title();

    /** What is aimed at, in words. */
    String goal();

    /**
     * Measures.
     *
     * @return the row of this figure, then rows of its parts and of further comparisons
     */
    List<FigureResult> measure(BenchEnvironment environment, Plan plan) throws MeasurementException;
}
