package org.xenvmc.bench.figure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Contender;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.stats.Quantiles;
import org.xenvmc.bench.workload.SwitchPauses;
import org.xenvmc.bench.workload.WorkloadKind;

/**
 * The pause of a stream at an announced switch. Percentiles are taken over the switches of all rounds; the peer has no
 * switches, its gaps are those that the machine makes in such a stream anyway.
 */
final class PauseFigure implements Figure {
    private static final int BLOCK_BYTES = 4096;
    private static final double NS_PER_MS = 1e6;
    private static final Goal P50 = Goal.below(1, "ms");
    private static final Goal P99 = Goal.below(10, "ms");
    /** Until then the compiler, which has work after every change of path, takes more of the processors than the switch. */
    private static final int WARM_UPS = 6;
    /** In each round; see {@link SwitchPauses#SETTLE_MS}. */
    private static final Duration SETTLE = Duration.ofMillis(700);

    private static final int LEAST_SWITCHES = 2;

    private final List<Contender> contenders;

    PauseFigure(Contender ours, Contender peer) {
        this.contenders = List.of(ours, peer);
    }

    @Override
    public String id() {
        return "pause";
    }

    @Override
    public String title() {
        return "pause of a stream at an announced switch of its path, p50 and p99";
    }

    @Override
    public String goal() {
        return P50.text() + ", p99 " + P99.text();
    }

    @Override
    public List<FigureResult> measure(BenchEnvironment environment, Plan plan) throws MeasurementException {
        List<List<Round>> turns = new ArrayList<>();
        int perRound = Math.max(LEAST_SWITCHES, (plan.switches() + plan.pairs() - 1) / plan.pairs());
        Duration warmUp = plan.warmUp().multipliedBy(WARM_UPS);
        for (int i = 0; i < plan.repeat(); i++) {
            try (Sessions sessions = Sessions.open(environment, id(), contenders)) {
                sessions.turn(task(warmUp, LEAST_SWITCHES), warmUp);
                for (int pair = 0; pair < plan.pairs(); pair++) {
                    turns.add(sessions.turn(task(SETTLE, perRound), Duration.ofSeconds(perRound)));
                }
            }
        }
        List<FigureResult> rows = new ArrayList<>();
        rows.add(row(id(), turns, PauseFigure::allGaps, 0.5, P50));
        rows.add(row(id() + ".p99", turns, PauseFigure::allGaps, 0.99, P99));
        List<FigureResult> all = new ArrayList<>(Rows.summarised(rows));
        all.add(row(id() + ".leave", turns, r -> r.serverList(SwitchPauses.LEAVE_GAPS_NS), 0.5, Goal.none()));
        all.add(row(id() + ".join", turns, r -> r.serverList(SwitchPauses.JOIN_GAPS_NS), 0.5, Goal.none()));
        return all;
    }

    private static Task task(Duration settle, int switches) {
        Map<String, String> settings = Map.of(
                SwitchPauses.SETTLE_MS, Long.toString(settle.toMillis()),
                SwitchPauses.SWITCHES, Integer.toString(switches));
        return new Task(WorkloadKind.SWITCH_PAUSES, BLOCK_BYTES, settings);
    }

    /** Where the gaps of a round come from. */
    @FunctionalInterface
    private interface Gaps {
        long[] of(Round round);
    }

    private static long[] allGaps(Round round) {
        return LongStream.concat(
                        LongStream.of(round.serverList(SwitchPauses.LEAVE_GAPS_NS)),
                        LongStream.of(round.serverList(SwitchPauses.JOIN_GAPS_NS)))
                .toArray();
    }

    private static FigureResult row(String id, List<List<Round>> turns, Gaps gaps, double share, Goal goal) {
        double[] ratios = turns.stream()
                .mapToDouble(t -> at(share, gaps.of(t.get(1))) / at(share, gaps.of(t.get(0))))
                .toArray();
        return Rows.of(id, "ms", overall(turns, 0, gaps, share), overall(turns, 1, gaps, share), ratios, goal);
    }

    private static double overall(List<List<Round>> turns, int contender, Gaps gaps, double share) {
        return at(
                share,
                turns.stream()
                        .flatMapToLong(t -> LongStream.of(gaps.of(t.get(contender))))
                        .toArray());
    }

    private static double at(double share, long[] gapsNs) {
        return Quantiles.of(gapsNs).at(share) / NS_PER_MS;
    }
}
