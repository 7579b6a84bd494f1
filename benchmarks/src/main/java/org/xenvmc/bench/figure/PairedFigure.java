package org.xenvmc.bench.figure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.BusyNeighbours;
import org.xenvmc.bench.session.Contender;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.session.Task;

/**
 * Compares contenders in short rounds that take turns: ours, peer, peer, ours, ours, peer... Rounds of one turn make a
 * pair, and each pair has a ratio of its own, so that a slow minute of the machine hits both sides of it.
 */
final class PairedFigure implements Figure {
    private final String id;
    private final String title;
    private final Task task;
    private final List<Metric> metrics;
    private final List<Contender> contenders = new ArrayList<>();
    private final List<Contender> optional = new ArrayList<>();
    private Task warmUp;
    private int warmUps = 1;
    private int busyProcesses;
    private Function<Plan, Duration> roundLength = Plan::round;
    private ToIntFunction<Plan> pairs = Plan::pairs;

    /** A figure whose first metric is its own row. */
    PairedFigure(String id, String title, Task task, Contender ours, Contender peer, Metric... metrics) {
        this.id = id;
        this.title = title;
        this.task = task;
        this.warmUp = task;
        this.metrics = List.of(metrics);
        contenders.add(ours);
        contenders.add(peer);
    }

    /** Measures one more contender, for a row of information. */
    PairedFigure also(Contender other) {
        contenders.add(other);
        return this;
    }

    /** Measures one more contender where the machine can, for rows of information with every metric. */
    PairedFigure alsoIfPossible(Contender other) {
        optional.add(other);
        return this;
    }

    /** Warms up with another task. */
    PairedFigure warmUp(Task value) {
        warmUp = value;
        return this;
    }

    /** Warms up for so many times as long: spinning leaves the compiler little time on a machine of two processors. */
    PairedFigure warmUps(int count) {
        warmUps = count;
        return this;
    }

    /** Runs with so many busy processes beside it. */
    PairedFigure besideBusyProcesses(int count) {
        busyProcesses = count;
        return this;
    }

    /** Takes the length of a round, and the number of pairs, from elsewhere in the plan. */
    PairedFigure rounds(Function<Plan, Duration> length, ToIntFunction<Plan> count) {
        roundLength = length;
        pairs = count;
        return this;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String goal() {
        return metrics.stream()
                .filter(m -> !m.goal().text().isEmpty())
                .map(m -> (m.suffix() + " " + m.goal().text()).trim())
                .collect(Collectors.joining(", "));
    }

    @Override
    public List<FigureResult> measure(BenchEnvironment environment, Plan plan) throws MeasurementException {
        List<Contender> all = new ArrayList<>(contenders);
        List<FigureResult> unavailable = new ArrayList<>();
        for (Contender other : optional) {
            other.obstacle()
                    .ifPresentOrElse(
                            why -> unavailable.add(FigureResult.unavailable(rowId(other), why)), () -> all.add(other));
        }
        List<List<Round>> rounds = new ArrayList<>();
        for (int i = 0; i < plan.repeat(); i++) {
            try (Sessions sessions = Sessions.open(environment, id, all);
                    BusyNeighbours busy = BusyNeighbours.start(busyProcesses)) {
                busy.requireAlive();
                for (int turn = 0; turn < warmUps; turn++) {
                    sessions.turn(warmUp, plan.warmUp());
                }
                for (int pair = 0; pair < pairs.applyAsInt(plan); pair++) {
                    rounds.add(sessions.turn(task, roundLength.apply(plan)));
                }
                busy.requireAlive();
            }
        }
        List<FigureResult> rows = new ArrayList<>(rows(all, rounds));
        rows.addAll(unavailable);
        return rows;
    }

    private List<FigureResult> rows(List<Contender> measured, List<List<Round>> rounds) {
        List<FigureResult> rows = new ArrayList<>();
        for (Metric metric : metrics) {
            rows.add(row(id, metric, rounds, 1));
        }
        List<FigureResult> all = new ArrayList<>(Rows.summarised(rows));
        for (int other = 2; other < measured.size(); other++) {
            int metricsOfRow = other < contenders.size() ? 1 : metrics.size();
            for (Metric metric : metrics.subList(0, metricsOfRow)) {
                all.add(row(rowId(measured.get(other)), metric.withoutGoal(), rounds, other));
            }
        }
        return all;
    }

    private String rowId(Contender other) {
        return id + "." + other.name();
    }

    private static FigureResult row(String rowId, Metric metric, List<List<Round>> rounds, int contender) {
        return Rows.of(metric.rowId(rowId), metric, values(rounds, 0, metric), values(rounds, contender, metric));
    }

    private static double[] values(List<List<Round>> rounds, int contender, Metric metric) {
        return rounds.stream()
                .mapToDouble(turn -> metric.value().applyAsDouble(turn.get(contender)))
                .toArray();
    }
}
