package org.xenvmc.bench.figure;

import static org.xenvmc.bench.figure.Goal.none;
import static org.xenvmc.bench.figure.Goal.ratioAtLeast;
import static org.xenvmc.bench.session.SocketContender.JDK;
import static org.xenvmc.bench.session.SocketContender.UNIX;
import static org.xenvmc.bench.workload.WorkloadKind.CONNECT_REQUEST_RESPONSE;
import static org.xenvmc.bench.workload.WorkloadKind.IDLE_CONNECTION;
import static org.xenvmc.bench.workload.WorkloadKind.REQUEST_RESPONSE;
import static org.xenvmc.bench.workload.WorkloadKind.SELECTOR_REQUEST_RESPONSE;
import static org.xenvmc.bench.workload.WorkloadKind.SPARSE_REQUEST_RESPONSE;
import static org.xenvmc.bench.workload.WorkloadKind.STREAM_SEND;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.xenvmc.bench.ring.RingKind;
import org.xenvmc.bench.session.Contender;
import org.xenvmc.bench.session.RingContender;
import org.xenvmc.bench.session.SocketContender;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.workload.IdleConnection;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.WaitStrategy;

/** All figures. */
public final class Catalogue {
    private static final int BIG = 64 * 1024;
    private static final int RING = VmcContext.RING_MAX_DEFAULT;
    private static final int BUSY_PROCESSES = 4;
    private static final double NS_PER_MS = 1e6;

    private static final Task RR = Task.of(REQUEST_RESPONSE, 1);
    private static final SocketContender OURS = SocketContender.ours(Path.SHARED_MEMORY, Map.of());
    private static final SocketContender SPINNING =
            SocketContender.ours(Path.SHARED_MEMORY, Map.of(VmcContext.WAIT_PROPERTY, WaitStrategy.SPIN.name()));
    private static final SocketContender PLAIN_TCP =
            SocketContender.ours(Path.TCP, Map.of(VmcContext.ENABLED_PROPERTY, "false"));
    private static final SocketContender FRAMED = SocketContender.ours(Path.FRAMED_TCP, Map.of());

    private Catalogue() {}

    /** The figures that a run without further instructions measures, in order. */
    public static List<Figure> standard() {
        return Stream.of(requests(), streams(), rings(), tcp(), rest())
                .flatMap(List::stream)
                .toList();
    }

    /** Figures that are measured only when they, or their group, are named. */
    public static List<Figure> onRequest() {
        return Stream.of(List.of(selfChecks()), NettyFigures.all(), ProgramFigures.all())
                .flatMap(List::stream)
                .toList();
    }

    private static Figure selfChecks() {
        return new WorstOf(
                "self.check",
                "JDK TCP against itself: is the harness fair (goal for a quiet machine)",
                List.of(
                        selfCheck("rr", RR),
                        selfCheck("selector", Task.of(SELECTOR_REQUEST_RESPONSE, 1)),
                        selfCheck("stream", Task.of(STREAM_SEND, 1024)),
                        selfCheck("crr", Task.of(CONNECT_REQUEST_RESPONSE, 1))));
    }

    private static Figure selfCheck(String part, Task task) {
        boolean connected = task.workload() != CONNECT_REQUEST_RESPONSE;
        SocketContender first = connected ? JDK : JDK.connectionPerOperation();
        return new PairedFigure(
                "self.check." + part,
                "JDK TCP against itself",
                task,
                first.named("jdk-again"),
                first,
                Metric.operations("operations/s", Goal.ratioBetween(0.8, 1.25)));
    }

    private static List<Figure> requests() {
        return List.of(
                new PairedFigure(
                                "rr.spin",
                                "round trip 1 B, both sides spinning",
                                RR,
                                SPINNING,
                                JDK,
                                rate(40),
                                Metric.p50("p50", Goal.below(0.6, "us")))
                        .warmUps(3),
                new PairedFigure(
                                "rr.default",
                                "round trip 1 B, default waiting strategy",
                                RR,
                                OURS,
                                JDK,
                                rate(20),
                                Metric.p50("p50", none()))
                        .also(UNIX),
                new PairedFigure(
                                "rr.crowded",
                                "round trip 1 B beside " + BUSY_PROCESSES + " busy processes",
                                RR,
                                OURS,
                                JDK,
                                rate(1),
                                Metric.p99("p99", none()))
                        .besideBusyProcesses(BUSY_PROCESSES),
                new PairedFigure(
                                "rr.sparse",
                                "latency of 1 B requests, one every 10 ms, p50 and p99",
                                Task.of(SPARSE_REQUEST_RESPONSE, 1),
                                OURS,
                                JDK,
                                Metric.p50("", ratioAtLeast(1)),
                                Metric.p99("p99", ratioAtLeast(1)))
                        .warmUp(RR)
                        .rounds(Plan::sparseRound, Plan::pairs),
                new PairedFigure(
                                "rr.selector",
                                "round trip 1 B through a selector on both sides",
                                Task.of(SELECTOR_REQUEST_RESPONSE, 1),
                                OURS,
                                JDK,
                                rate(5),
                                Metric.p50("p50", none()))
                        .warmUps(8));
    }

    private static Metric rate(double goal) {
        return Metric.operations("round trips/s", ratioAtLeast(goal));
    }

    private static List<Figure> streams() {
        return List.of(
                stream(64, Metric.operations("writes/s", ratioAtLeast(40))),
                stream(1024, Metric.operations("writes/s", ratioAtLeast(20))),
                stream(BIG, Metric.megabytes(ratioAtLeast(4))));
    }

    private static Figure stream(int bytes, Metric metric) {
        String title = "stream of blocking writes of " + bytes + " B";
        PairedFigure figure =
                new PairedFigure("stream." + bytes, title, Task.of(STREAM_SEND, bytes), OURS, JDK, metric);
        return bytes == 1024 ? figure : figure.also(UNIX);
    }

    private static List<Figure> rings() {
        Figure against = new WorstOf(
                "ring.agrona",
                "the ring alone against Agrona's OneToOneRingBuffer, 64 / 1024 / 65536 B",
                List.of(
                        ring(64, Metric.operations("writes/s", ratioAtLeast(1))),
                        ring(1024, Metric.operations("writes/s", ratioAtLeast(1))),
                        ring(BIG, Metric.megabytes(ratioAtLeast(1)))));
        Figure api = new PairedFigure(
                "api.ring",
                "socket API on shared memory against the ring alone, 65536 B, both spinning",
                Task.of(STREAM_SEND, BIG),
                SPINNING,
                new RingContender(RingKind.OURS, RING, BIG),
                Metric.megabytes(ratioAtLeast(0.85)));
        return List.of(against, api);
    }

    private static Figure ring(int bytes, Metric metric) {
        Contender ours = new RingContender(RingKind.OURS, RING, bytes);
        Contender agrona = new RingContender(RingKind.AGRONA, RING, bytes);
        String title = "the ring alone, " + bytes + " B";
        return new PairedFigure("ring.agrona." + bytes, title, Task.of(STREAM_SEND, bytes), ours, agrona, metric);
    }

    private static List<Figure> tcp() {
        Task stream = Task.of(STREAM_SEND, BIG);
        return List.of(
                new PairedFigure(
                        "tcp.stream",
                        "stream of 65536 B, our TCP path, never upgraded",
                        stream,
                        PLAIN_TCP,
                        JDK,
                        Metric.megabytes(ratioAtLeast(0.99))),
                new PairedFigure(
                        "tcp.rr", "round trip 1 B, our TCP path, never upgraded", RR, PLAIN_TCP, JDK, rate(0.99)),
                new PairedFigure(
                        "framed.stream",
                        "stream of 65536 B, framed TCP after a downgrade",
                        stream,
                        FRAMED,
                        JDK,
                        Metric.megabytes(ratioAtLeast(0.9))),
                new PairedFigure(
                        "framed.rr", "round trip 1 B, framed TCP after a downgrade", RR, FRAMED, JDK, rate(0.9)));
    }

    private static List<Figure> rest() {
        Figure crr = new PairedFigure(
                        "crr",
                        "connect, 1 B request, 1 B reply, close",
                        Task.of(CONNECT_REQUEST_RESPONSE, 1),
                        OURS.connectionPerOperation(),
                        JDK.connectionPerOperation(),
                        Metric.operations("connections/s", ratioAtLeast(0.9)))
                .warmUps(6);
        Metric cpu = new Metric(
                "", "ms/s", false, r -> r.larger(IdleConnection.CPU_NS) / NS_PER_MS, Goal.below(0.05, "ms/s"));
        Figure idle = new PairedFigure(
                        "idle",
                        "processor time of a process with an idle connection, per second",
                        Task.of(IDLE_CONNECTION, 1),
                        OURS,
                        JDK,
                        cpu)
                .warmUp(RR)
                .rounds(plan -> Duration.ofSeconds(1), Plan::idlePairs);
        return List.of(crr, new PauseFigure(OURS, JDK), idle);
    }
}
