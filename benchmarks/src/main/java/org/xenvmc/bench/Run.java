package org.xenvmc.bench;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.xenvmc.bench.figure.Figure;
import org.xenvmc.bench.figure.Plan;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.MeasurementException;

/** Measures figures one after the other and tells people how far it is. */
final class Run {
    private static final double CALM_LOAD_PER_PROCESSOR = 0.5;

    private final BenchEnvironment environment;
    private final Plan plan;
    private final PrintWriter progress;

    Run(BenchEnvironment environment, Plan plan, PrintWriter progress) {
        this.environment = environment;
        this.plan = plan;
        this.progress = progress;
    }

    /** Measures all; a figure that cannot be measured becomes a row that says why, and the others go on. */
    List<FigureResult> measure(List<Figure> figures) {
        describeMachine();
        List<FigureResult> results = new ArrayList<>();
        long start = System.nanoTime();
        for (Figure figure : figures) {
            say("[%4d s] %s: %s", seconds(start), figure.id(), figure.title());
            results.addAll(measure(figure));
        }
        say("[%4d s] done", seconds(start));
        return results;
    }

    private List<FigureResult> measure(Figure figure) {
        try {
            return figure.measure(environment, plan);
        } catch (MeasurementException | RuntimeException e) {
            String cause = e instanceof MeasurementException ? e.getMessage() : e.toString();
            say(
                    "         %s could not be measured: %s",
                    figure.id(), cause.lines().findFirst().orElse(cause));
            return List.of(FigureResult.failed(figure.id(), figure.goal(), cause));
        }
    }

    private void describeMachine() {
        int processors = Runtime.getRuntime().availableProcessors();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        say(
                "Java %s, %s %s, %d processors, load %.2f",
                Runtime.version(), System.getProperty("os.name"), System.getProperty("os.version"), processors, load);
        if (processors < 2) {
            say("Warning: one processor only; both ends of a connection take turns on it, no figure means much.");
        }
        if (load > processors * CALM_LOAD_PER_PROCESSOR) {
            say("Warning: something else is running; figures will be worse and less steady than they could be.");
        }
    }

    private static long seconds(long startNs) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
    }

    private void say(String format, Object... arguments) {
        progress.println(String.format(Locale.ROOT, format, arguments));
        progress.flush();
    }
}
