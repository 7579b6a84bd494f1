package org.xenvmc.bench.guest;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All results as text: what they were measured with, the migrations, the estimates, the connection, the goals. */
final class Report {
    private static final double MB = 1e6;
    private static final double MIB = 1 << 20;
    private static final double MS_PER_S = 1e3;
    private static final String NONE = "-";

    private final List<CaseRun> runs;
    private final Map<String, Summary> cases;

    Report(List<CaseRun> runs) {
        this.runs = List.copyOf(runs);
        this.cases = Summary.of(runs);
    }

    String render() {
        StringBuilder text = new StringBuilder();
        runs.stream()
                .map(r -> r.environment().replaceAll(" with load [0-9.]*", ""))
                .distinct()
                .forEach(e -> text.append("measured with ").append(e).append('\n'));
        add(text, "Migrations (medians; in brackets the least and the most of several runs)", migrations());
        add(text, "The estimator of pre-copy against QEMU's report", estimates());
        add(text, "From guest to guest, operations per second", link());
        List<String> goals = Goals.of(cases);
        if (!goals.isEmpty()) {
            text.append("\nGoals\n\n");
            goals.forEach(g -> text.append(g).append('\n'));
        }
        runs.stream().filter(CaseRun::failed).forEach(r -> text.append('\n')
                .append(r.id())
                .append(" could not be measured: ")
                .append(r.error())
                .append('\n'));
        return text.toString();
    }

    private static void add(StringBuilder text, String title, TextTable table) {
        if (!table.isEmpty()) {
            text.append('\n').append(title).append("\n\n").append(table.render());
        }
    }

    private TextTable migrations() {
        TextTable table = new TextTable(
                "case",
                "runs",
                "working set MiB",
                "received MiB/s",
                "total s",
                "downtime ms",
                "rounds",
                "pages",
                "sent MB",
                "MB per 30 s",
                "of idle",
                "of TCP",
                "mails lost");
        for (Summary s : cases.values()) {
            if (s.scenario().load() != Load.LINK) {
                table.row(migration(s));
            }
        }
        return table;
    }

    private String[] migration(Summary s) {
        Scenario scenario = s.scenario();
        Summary idle = cases.get(scenario.floor());
        Summary tcp = cases.get(scenario.group() + "." + Way.TCP.label());
        return new String[] {
            scenario.id(),
            Integer.toString(s.runs().size()),
            number("%.0f", scenario.workingSetBytes() / MIB),
            number("%.1f", s.median(CaseRun.RECEIVED_PER_SECOND) / MIB),
            spread(s, CaseRun.TOTAL_MS, MS_PER_S, "%.1f"),
            spread(s, CaseRun.DOWNTIME_MS, 1, "%.0f"),
            number("%.0f", s.median(CaseRun.ROUNDS)) + (s.forced() ? " (limit)" : ""),
            spread(s, CaseRun.PAGES, 1, "%.0f"),
            number("%.0f", s.median(CaseRun.SENT_BYTES) / MB),
            Buckets.text(s.runs().get(0).series()),
            ratio(s, idle),
            ratio(s, tcp),
            number("%.0f", s.most(CaseRun.MAILS_LOST))
        };
    }

    private static String ratio(Summary s, Summary other) {
        return other == null || other == s
                ? NONE
                : number("%.2f", s.median(CaseRun.TOTAL_MS) / other.median(CaseRun.TOTAL_MS));
    }

    private static String spread(Summary s, String figure, double unit, String format) {
        String median = number(format, s.median(figure) / unit);
        return s.runs().size() == 1
                ? median
                : median + " (" + number(format, s.least(figure) / unit) + ".." + number(format, s.most(figure) / unit)
                        + ")";
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : NONE;
    }

    private TextTable estimates() {
        TextTable table = new TextTable(
                "case",
                "memory pages",
                "pages estimated",
                "reported",
                "ratio",
                "total s estimated",
                "reported",
                "ratio",
                "within 15%");
        for (Summary s : cases.values()) {
            Prediction.of(s, cases.get(s.scenario().floor()))
                    .ifPresent(p -> table.row(
                            s.scenario().id(),
                            number("%.0f", s.median(CaseRun.FIRST_ROUND_PAGES)),
                            number("%.0f", p.pages()),
                            number("%.0f", s.median(CaseRun.PAGES)),
                            number("%.2f", p.pagesRatio()),
                            number("%.1f", p.totalMs() / MS_PER_S),
                            number("%.1f", s.median(CaseRun.TOTAL_MS) / MS_PER_S),
                            number("%.2f", p.totalRatio()),
                            p.within() ? "yes" : "NO"));
        }
        return table;
    }

    private TextTable link() {
        TextTable table =
                new TextTable("figure", "unit", "shared memory", "virtio-net", "ratio", "low .. high", "goal");
        for (boolean spins : new boolean[] {false, true}) {
            Summary s = cases.get(Scenario.link(spins).id());
            if (s != null) {
                for (LinkGoal goal : LinkGoal.values()) {
                    table.row(link(s, goal));
                }
            }
        }
        return table;
    }

    private static String[] link(Summary s, LinkGoal goal) {
        return new String[] {
            s.scenario().id() + "." + goal.label(),
            goal.unit(),
            number("%.0f", s.median(goal.ours())),
            number("%.0f", s.median(goal.peer())),
            number("%.2f", s.median(goal.ratio())),
            number("%.2f", s.median(goal.low())) + " .. " + number("%.2f", s.median(goal.high())),
            ">= " + number("%.0f", goal.aim())
        };
    }
}
