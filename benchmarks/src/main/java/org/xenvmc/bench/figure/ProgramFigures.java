package org.xenvmc.bench.figure;

import java.time.Duration;
import java.util.List;
import org.xenvmc.bench.session.ProgramContender;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.workload.Sample;

/** Real programs that nobody changed, with the agent at both ends, against the same on plain sockets, and without delayed ACKs. */
final class ProgramFigures {
    /** None may become slower; the rest is for noise. */
    private static final double LEAST_RATIO = 0.98;

    private static final double NS_PER_MS = 1e6;
    private static final int WARM_UPS = 24;
    /** A transfer of many megabytes has to fit into a round several times, and the clock of processor time is coarse. */
    private static final int ROUNDS = 5;

    private ProgramFigures() {}

    static List<Figure> all() {
        return List.of(
                figure("ftp.100k", RealProgram.FTP, "store and fetch 100 KB, passive", "passive", 100_000),
                figure("ftp.10m", RealProgram.FTP, "store and fetch 10 MB, passive", "passive", 10_000_000),
                figure("ftp.100m", RealProgram.FTP, "store and fetch 100 MB, active", "active", 100_000_000),
                figure("smtp.1m", RealProgram.SMTP, "4 x 4 mails of 1 MB", "4", 1_000_000),
                figure("smtp.3m", RealProgram.SMTP, "4 x 4 mails of 3 MB", "4", 3_000_000),
                figure("http.small", RealProgram.JETTY, "GET of 1 KB, connection kept", "get", 1_000),
                figure("http.get", RealProgram.JETTY, "GET of 10 MB", "get", 10_000_000),
                figure("http.post", RealProgram.JETTY, "POST of 10 MB", "post", 10_000_000),
                figure("h2.row", RealProgram.H2, "insert, select and delete a row of 100 B", "row", 100),
                figure("h2.blob", RealProgram.H2, "insert, select and delete a BLOB of 1 MB", "blob", 1_000_000),
                figure("grpc.small", RealProgram.GRPC, "unary call, 100 B each way", "echo", 100),
                figure("grpc.echo", RealProgram.GRPC, "unary call, 100 KB each way", "echo", 100_000),
                figure("grpc.stream", RealProgram.GRPC, "stream of 10 MB from the server", "stream", 10_000_000));
    }

    private static Figure figure(String id, RealProgram program, String title, String kind, int sizeBytes) {
        Metric time = new Metric(
                "",
                "ms",
                false,
                r -> perOperation(r, r.client().number(Sample.ELAPSED_NS)),
                Goal.ratioAtLeast(LEAST_RATIO));
        Metric cpu = new Metric(
                "cpu", "ms", false, r -> perOperation(r, r.client().number(ProgramSession.CPU_NS)), Goal.none());
        return new PairedFigure(
                        "program." + id,
                        program.directory() + ": " + title,
                        Task.ofProgram(kind, sizeBytes),
                        ProgramContender.ours(program),
                        ProgramContender.plain(program),
                        time,
                        cpu)
                .alsoIfPossible(ProgramContender.quickAck(program))
                .warmUps(WARM_UPS)
                .rounds(ProgramFigures::round, Plan::pairs);
    }

    private static Duration round(Plan plan) {
        return plan.round().multipliedBy(ROUNDS);
    }

    private static double perOperation(Round round, long totalNs) {
        return totalNs / NS_PER_MS / round.client().number(Sample.OPERATIONS);
    }
}
