package org.xenvmc.bench.figure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.bench.session.ProgramContender;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.workload.Sample;

/**
 * Real programs that nobody changed against the same on plain sockets: with the agent at both ends (also against plain sockets
 * without delayed ACKs), at the server only, at the client only; and the same on plain sockets at both sides, which shows what is noise.
 */
final class ProgramFigures {
    /** None may become slower; the rest is for noise. */
    private static final double LEAST_RATIO = 0.98;

    private static final Goal NOT_SLOWER = Goal.ratioAtLeast(LEAST_RATIO);

    /** Where a program differs by more from itself, the goal above decides nothing. */
    private static final Goal DECIDABLE = Goal.ratioBetween(LEAST_RATIO, 1.02);

    private static final double NS_PER_MS = 1e6;
    private static final int WARM_UPS = 24;
    /** A transfer of many megabytes has to fit into a round several times, and the clock of processor time is coarse. */
    private static final int ROUNDS = 5;

    private ProgramFigures() {}

    /** What a program does. */
    private record Use(String id, RealProgram program, String title, String kind, int sizeBytes) {
        PairedFigure measured(String group, ProgramContender ours, Goal goal) {
            return new PairedFigure(
                            group + "." + id,
                            program.directory() + ": " + title,
                            Task.ofProgram(kind, sizeBytes),
                            ours,
                            ProgramContender.plain(program),
                            time(goal),
                            cpu())
                    .warmUps(WARM_UPS)
                    .rounds(ProgramFigures::round, Plan::pairs);
        }
    }

    private static final List<Use> USES = List.of(
            new Use("ftp.100k", RealProgram.FTP, "store and fetch 100 KB, passive", "passive", 100_000),
            new Use("ftp.10m", RealProgram.FTP, "store and fetch 10 MB, passive", "passive", 10_000_000),
            new Use("ftp.100m", RealProgram.FTP, "store and fetch 100 MB, active", "active", 100_000_000),
            new Use("smtp.1m", RealProgram.SMTP, "4 x 4 mails of 1 MB", "4", 1_000_000),
            new Use("smtp.3m", RealProgram.SMTP, "4 x 4 mails of 3 MB", "4", 3_000_000),
            new Use("http.small", RealProgram.JETTY, "GET of 1 KB, connection kept", "get", 1_000),
            new Use("http.get", RealProgram.JETTY, "GET of 10 MB", "get", 10_000_000),
            new Use("http.post", RealProgram.JETTY, "POST of 10 MB", "post", 10_000_000),
            new Use("h2.row", RealProgram.H2, "insert, select and delete a row of 100 B", "row", 100),
            new Use("h2.blob", RealProgram.H2, "insert, select and delete a BLOB of 1 MB", "blob", 1_000_000),
            new Use("grpc.small", RealProgram.GRPC, "unary call, 100 B each way", "echo", 100),
            new Use("grpc.echo", RealProgram.GRPC, "unary call, 100 KB each way", "echo", 100_000),
            new Use("grpc.stream", RealProgram.GRPC, "stream of 10 MB from the server", "stream", 10_000_000));

    static List<Figure> all() {
        List<Figure> all = new ArrayList<>();
        USES.forEach(u -> all.add(atBothEnds(u)));
        USES.forEach(u -> all.add(u.measured("at-server", ProgramContender.atServer(u.program()), NOT_SLOWER)));
        USES.forEach(u -> all.add(u.measured("at-client", ProgramContender.atClient(u.program()), NOT_SLOWER)));
        USES.forEach(u -> all.add(u.measured("same", ProgramContender.plainAgain(u.program()), DECIDABLE)));
        return all;
    }

    private static Figure atBothEnds(Use use) {
        return use.measured("program", ProgramContender.ours(use.program()), NOT_SLOWER)
                .alsoIfPossible(ProgramContender.quickAck(use.program()));
    }

    private static Metric time(Goal goal) {
        return new Metric("", "ms", false, r -> perOperation(r, r.client().number(Sample.ELAPSED_NS)), goal);
    }

    private static Metric cpu() {
        return new Metric(
                "cpu", "ms", false, r -> perOperation(r, r.client().number(ProgramSession.CPU_NS)), Goal.none());
    }

    private static Duration round(Plan plan) {
        return plan.round().multipliedBy(ROUNDS);
    }

    private static double perOperation(Round round, long totalNs) {
        return totalNs / NS_PER_MS / round.client().number(Sample.OPERATIONS);
    }
}
