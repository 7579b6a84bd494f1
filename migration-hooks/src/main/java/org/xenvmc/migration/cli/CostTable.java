package org.xenvmc.migration.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.xenvmc.migration.cost.DirtyModel;
import org.xenvmc.migration.cost.DirtyReport;
import org.xenvmc.migration.cost.DirtySample;
import org.xenvmc.migration.cost.MappingKind;
import org.xenvmc.migration.cost.PreCopy;
import org.xenvmc.migration.cost.PreCopyEstimate;
import org.xenvmc.migration.cost.PreCopyEstimate.Round;
import org.xenvmc.migration.cost.TransportPages;
import org.xenvmc.migration.json.JsonObject;

/** Shows measurements and estimates. */
final class CostTable {
    static final String UNAVAILABLE = "unavailable";

    private CostTable() {}

    /** What a VM dirtied. */
    static String measured(DirtyReport report) {
        Table table = new Table(
                ">WITHIN",
                ">HEAP",
                ">SHARED MEMORY",
                ">REST",
                ">RINGS (EXACT)",
                ">RECEIVED",
                ">COPIED, AT MOST",
                ">SOCKETS, AT MOST");
        for (DirtySample s : report.samples()) {
            TransportPages t = s.transport();
            table.row(
                    Units.time(s.ns()),
                    written(s, MappingKind.HEAP),
                    written(s, MappingKind.SHARED_MEMORY),
                    written(s, MappingKind.REST),
                    t.ringPages(),
                    Units.bytesPerSecond(t.receivedBytes() * DirtyModel.NS_PER_S / s.ns()),
                    t.copiedPages(),
                    t.socketPages());
        }
        String kernel = report.method() == null
                ? "what the process writes is " + UNAVAILABLE + " (" + report.obstacle() + ")"
                : "what the process writes is counted with " + report.method();
        return "Different pages of 4096 bytes written within a time; " + kernel + "\n" + table;
    }

    private static String written(DirtySample sample, MappingKind kind) {
        if (sample.written() == null) {
            return UNAVAILABLE;
        }
        Long pages = sample.written().get(kind);
        return pages == null ? "-" : pages.toString();
    }

    /** What migrations would cost. */
    static String estimates(PreCopy migration, Map<String, PreCopyEstimate> estimates, boolean rounds) {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "Migration of %,d pages (%s) at %s%n",
                migration.memoryPages(),
                Units.bytes((double) migration.memoryPages() * PreCopy.PAGE_BYTES),
                Units.bytesPerSecond(migration.bandwidthBytesPerSecond())));
        Table table = new Table("MACHINE", ">TOTAL", ">DOWNTIME", ">PAGES SENT", ">OVERHEAD", ">ROUNDS", "");
        estimates.forEach((name, e) -> {
            if (e == null) {
                table.row(name, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, "");
            } else {
                table.row(
                        name,
                        time(e.totalNs()),
                        time(e.downtimeNs()),
                        e.pagesSent().isPresent() ? e.pagesSent().getAsLong() : "no end",
                        e.overhead().isPresent()
                                ? String.format(
                                        Locale.ROOT, "%.3f", e.overhead().getAsDouble())
                                : "no end",
                        e.rounds().size(),
                        e.verdict());
            }
        });
        out.append(table);
        if (rounds) {
            estimates.forEach((name, e) -> out.append(e == null ? "" : rounds(name, e)));
        }
        return out.toString();
    }

    private static String time(OptionalLong ns) {
        return ns.isPresent() ? Units.time(ns.getAsLong()) : "no end";
    }

    private static String rounds(String name, PreCopyEstimate e) {
        Table table = new Table(">ROUND", ">PAGES SENT", ">TIME", ">DIRTIED");
        int number = 1;
        for (Round r : e.rounds()) {
            table.row(number++, r.pages(), Units.time(r.ns()), r.dirtiedPages());
        }
        return "\n" + name + "\n" + table;
    }

    /** The estimates as JSON; what never ends is null, as is what could not be measured. */
    static List<JsonObject> json(Map<String, PreCopyEstimate> estimates) {
        List<JsonObject> out = new ArrayList<>();
        estimates.forEach((name, e) -> out.add(json(name, e)));
        return out;
    }

    private static JsonObject json(String name, PreCopyEstimate e) {
        JsonObject out = new JsonObject().put("machine", name).put("available", e != null);
        if (e == null) {
            return out;
        }
        return out.put("outcome", e.outcome())
                .put("verdict", e.verdict())
                .put("memoryPages", e.migration().memoryPages())
                .put("bandwidthBytesPerSecond", e.migration().bandwidthBytesPerSecond())
                .put("totalNs", boxed(e.totalNs()))
                .put("downtimeNs", boxed(e.downtimeNs()))
                .put("pagesSent", boxed(e.pagesSent()))
                .put("overhead", e.overhead().isPresent() ? e.overhead().getAsDouble() : null)
                .put("leftPages", e.leftPages())
                .put(
                        "rounds",
                        e.rounds().stream()
                                .map(r -> new JsonObject()
                                        .put("pages", r.pages())
                                        .put("ns", r.ns())
                                        .put("dirtiedPages", r.dirtiedPages()))
                                .toList());
    }

    private static Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
