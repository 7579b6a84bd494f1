package org.xenvmc.migration.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xenvmc.migration.cli.Table;
import org.xenvmc.migration.cli.Units;
import org.xenvmc.migration.cli.demo.Measurements.Figure;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.Path;

/** Tells the demo's result to people. */
final class DemoReport {
    private static final int MOST_ROWS = 20;
    private static final int MOST_EACH = 10;

    private final DemoResult result;
    private final StringBuilder out = new StringBuilder();

    private DemoReport(DemoResult result) {
        this.result = result;
    }

    static String render(DemoResult result) throws JsonException {
        DemoReport report = new DemoReport(result);
        report.measurements();
        report.segments();
        report.pauses();
        report.requests();
        report.moves();
        report.verdict();
        return report.out.toString();
    }

    private void title(String text) {
        out.append('\n').append(text).append('\n');
    }

    private void measurements() throws JsonException {
        Measurements m = result.measurements();
        out.append(
                "Each path against the JDK's own TCP, in turn in this run (median of " + m.rounds() + ", and range)\n");
        Table table = new Table(
                "path",
                ">throughput",
                ">range",
                ">x JDK",
                ">64 B there and back: p50",
                ">p99",
                ">range of p50",
                ">x JDK");
        for (String path : m.paths()) {
            Figure rate = m.figure(path, "bytesPerSecond");
            Figure p50 = m.figure(path, "p50Ns");
            table.row(
                    nameOf(path),
                    Units.bytesPerSecond(rate.median()),
                    Units.bytes(rate.low()) + " .. " + Units.bytes(rate.high()),
                    Units.ratio(m.throughputRatio(path), 1),
                    Units.time(p50.median()),
                    Units.time(m.figure(path, "p99Ns").median()),
                    Units.time(p50.low()) + " .. " + Units.time(p50.high()),
                    Units.ratio(m.latencyRatio(path), 1));
        }
        out.append(table);
    }

    private static String nameOf(String path) {
        return switch (path) {
            case Measurements.JDK -> "JDK's own TCP";
            case "TCP" -> "TCP, never upgraded (switched off)";
            case "FRAMED_TCP" -> "TCP after leaving (VM 1 on host b)";
            default -> "shared memory (both on host a)";
        };
    }

    private void segments() throws JsonException {
        JsonObject file = result.file();
        title(result.plan().file() + ", sent " + file.number("passes")
                + " times on one connection, hashed at both ends");
        Table table = new Table(">#", "path", ">bytes", ">time", ">throughput", "why not shared memory");
        int number = 0;
        List<JsonObject> segments = result.segments();
        for (JsonObject s : segments.subList(0, Math.min(MOST_ROWS, segments.size()))) {
            long bytes = s.number("bytes");
            long ns = s.number("durationNs");
            boolean shared = s.text("path").equals(Path.SHARED_MEMORY.name());
            table.row(
                    ++number,
                    shortName(s.text("path")),
                    Units.bytes(bytes),
                    Units.time(ns),
                    ns == 0 ? "-" : Units.bytesPerSecond(bytes * 1e9 / ns),
                    shared ? "" : s.text("reason"));
        }
        if (segments.size() > MOST_ROWS) {
            table.row("...", "", "", "", "", segments.size() - MOST_ROWS + " more, in the file of --json");
        }
        for (Path path : List.of(Path.TCP, Path.FRAMED_TCP, Path.SHARED_MEMORY)) {
            sum(table, path);
        }
        long bytes = file.number("bytes");
        long ns = file.number("durationNs");
        table.row("", "all", Units.bytes(bytes), Units.time(ns), Units.bytesPerSecond(bytes * 1e9 / ns), "");
        out.append(table);
    }

    private void sum(Table table, Path path) throws JsonException {
        long ns = result.timeOnNs(path);
        long bytes = result.bytesOn(path);
        if (ns > 0) {
            table.row(
                    "",
                    "all on " + shortName(path.name()),
                    Units.bytes(bytes),
                    Units.time(ns),
                    Units.bytesPerSecond(bytes * 1e9 / ns),
                    "");
        }
    }

    static String shortName(String path) {
        return switch (path) {
            case "SHARED_MEMORY" -> "shared memory";
            case "FRAMED_TCP" -> "TCP, framed";
            default -> "TCP";
        };
    }

    private void pauses() throws JsonException {
        List<JsonObject> pauses = result.received().objects("pauses");
        title("Pauses: the longest wait of the file's reader for its next bytes around a change of path (average wait: "
                + Units.time(result.received().number("meanWaitNs")) + ")");
        Table table = new Table("change to", ">number", ">p50", ">longest", "each");
        for (String path : List.of("SHARED_MEMORY", "FRAMED_TCP")) {
            List<Long> times = new ArrayList<>();
            for (JsonObject p : pauses) {
                if (p.text("to").equals(path)) {
                    times.add(p.number("ns"));
                }
            }
            if (!times.isEmpty()) {
                List<Long> sorted = times.stream().sorted().toList();
                List<String> each = times.stream().map(Units::time).toList();
                table.row(
                        shortName(path),
                        times.size(),
                        Units.time(sorted.get((sorted.size() - 1) / 2)),
                        Units.time(sorted.get(sorted.size() - 1)),
                        String.join(", ", each.subList(0, Math.min(MOST_EACH, each.size())))
                                + (each.size() > MOST_EACH ? ", ..." : ""));
            }
        }
        out.append(table);
    }

    private void requests() throws JsonException {
        JsonObject requests = result.requests();
        title("Small requests beside it: " + requests.number("count") + " of 64 B, one per millisecond, "
                + requests.number("wrong") + " wrong answers");
        Table table = new Table("path", ">requests", ">p50", ">p99", ">longest");
        for (JsonObject p : requests.objects("paths")) {
            table.row(
                    shortName(p.text("path")),
                    p.number("count"),
                    Units.time(p.number("p50Ns")),
                    Units.time(p.number("p99Ns")),
                    Units.time(p.number("maxNs")));
        }
        out.append(table);
    }

    private void moves() throws JsonException {
        title("Moves of VM 1 while all of this went on");
        Table table = new Table(
                ">#", "to", "outcome", ">connections", ">lost", ">phase two", ">leaving", ">joining", ">from rings");
        int number = 0;
        List<JsonObject> moves = result.moves();
        for (JsonObject move : moves.subList(0, Math.min(MOST_ROWS, moves.size()))) {
            JsonObject c = move.has("connections") ? move.object("connections") : null;
            table.row(
                    ++number,
                    "host " + move.text("to").substring(move.text("to").length() - 1),
                    move.text("outcome").toLowerCase(Locale.ROOT),
                    c == null ? "-" : c.number("connections"),
                    c == null ? "-" : c.number("lost"),
                    Units.time(move.number("preCopyNs")),
                    Units.time(move.number("leaveNs")),
                    Units.time(move.number("joinNs")),
                    c == null ? "-" : Units.bytes(c.number("drainedBytes")));
        }
        out.append(table);
        if (moves.size() > MOST_ROWS) {
            out.append("... and " + (moves.size() - MOST_ROWS) + " more, in the file of --json\n");
        }
    }

    private void verdict() throws JsonException {
        title("SHA-256");
        out.append(new Table("what", ">bytes", "digest")
                .row("the file", "", result.fileSha256())
                .row("its first copy", "", result.received().text("firstPassSha256"))
                .row(
                        "all that was sent",
                        result.file().number("bytes"),
                        result.file().text("sha256"))
                .row(
                        "all that arrived",
                        result.received().number("bytes"),
                        result.received().text("sha256")));
        out.append('\n');
        List<String> problems = result.problems();
        problems.forEach(p -> out.append("PROBLEM: ").append(p).append('\n'));
        out.append(
                problems.isEmpty()
                        ? "All bytes arrived, once and in order, over "
                                + (result.segments().size() - 1) + " changes of path"
                        : "The demo FAILED");
        out.append(String.format(Locale.ROOT, " (%.1f s)%n", result.seconds()));
    }
}
