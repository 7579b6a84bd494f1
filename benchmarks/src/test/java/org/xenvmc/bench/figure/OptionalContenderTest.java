package org.xenvmc.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Contender;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.Session;
import org.xenvmc.bench.session.SocketContender;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.session.WorkDirectory;
import org.xenvmc.bench.workload.WorkloadKind;

/** A contender that not every machine can have. */
class OptionalContenderTest {
    private static final Duration SHORT = Duration.ofMillis(5);
    private static final Plan PLAN = new Plan(SHORT, SHORT, SHORT, 1, 1, 1, 1);

    private record Elsewhere(String name) implements Contender {
        @Override
        public Optional<String> obstacle() {
            return Optional.of("needs another machine");
        }

        @Override
        public Session open(BenchEnvironment environment, String figure) throws MeasurementException {
            throw new MeasurementException("opened though it cannot be");
        }
    }

    private static List<FigureResult> measured(Contender optional) throws Exception {
        try (WorkDirectory directory = WorkDirectory.create()) {
            return new PairedFigure(
                            "x",
                            "x",
                            Task.of(WorkloadKind.REQUEST_RESPONSE, 1),
                            SocketContender.JDK,
                            SocketContender.JDK.named("peer"),
                            Metric.operations("round trips/s", Goal.ratioAtLeast(0)),
                            Metric.p50("p50", Goal.none()))
                    .alsoIfPossible(optional)
                    .measure(new BenchEnvironment(directory, List.of()), PLAN);
        }
    }

    @Test
    void shouldSayWhyItIsNotMeasuredAndMeasureTheOthers() throws Exception {
        List<FigureResult> rows = measured(new Elsewhere("far"));
        assertThat(rows).extracting(FigureResult::id).containsExactly("x", "x.p50", "x.far");
        assertThat(rows.get(0).met()).isTrue();
        assertThat(rows.get(2).error()).isEqualTo("needs another machine");
        assertThat(rows).noneMatch(FigureResult::failed).noneMatch(FigureResult::missed);
    }

    @Test
    void shouldHaveARowOfEveryMetricWhereItIsMeasured() throws Exception {
        List<FigureResult> rows = measured(SocketContender.JDK.named("near"));
        assertThat(rows).extracting(FigureResult::id).containsExactly("x", "x.p50", "x.near", "x.near.p50");
        assertThat(rows).allMatch(r -> r.ratio() > 0).allMatch(r -> r.error() == null);
    }
}
