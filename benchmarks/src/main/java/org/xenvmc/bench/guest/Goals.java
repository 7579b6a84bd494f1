package org.xenvmc.bench.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the experiment aimed at, and whether it was met: one line for each case that says something about a goal. */
final class Goals {
    private static final double NEAR_IDLE = 1.10;
    private static final double FAR_FROM_IDLE = 2;
    private static final double NOT_WORSE = 1.05;

    private final Map<String, Summary> cases;
    private final List<String> lines = new ArrayList<>();

    private Goals(Map<String, Summary> cases) {
        this.cases = cases;
    }

    static List<String> of(Map<String, Summary> cases) {
        Goals goals = new Goals(cases);
        for (Summary s : cases.values()) {
            Way way = s.scenario().way();
            if (s.scenario().load() == Load.LINK) {
                goals.link(s);
            } else if (way.library()) {
                goals.againstTcp(s);
                if (way == Way.PLACE) {
                    goals.againstIdle(s);
                }
            }
            if (s.scenario().load() == Load.MAIL) {
                goals.mails(s);
            }
        }
        return goals.lines;
    }

    private void line(boolean met, String format, Object... arguments) {
        lines.add((met ? "met     " : "MISSED  ") + String.format(Locale.ROOT, format, arguments));
    }

    private Summary tcp(Summary s) {
        return cases.get(s.scenario().group() + "." + Way.TCP.label());
    }

    private void againstTcp(Summary s) {
        Summary tcp = tcp(s);
        if (tcp == null) {
            return;
        }
        double ratio = s.median(CaseRun.TOTAL_MS) / tcp.median(CaseRun.TOTAL_MS);
        line(
                ratio <= NOT_WORSE,
                "%s: total time %.2f of plain TCP's (at most 1.05)",
                s.scenario().id(),
                ratio);
    }

    /** Only where plain TCP needs twice as much as an idle guest, or never gets there by itself. */
    private void againstIdle(Summary s) {
        Summary tcp = tcp(s);
        Summary idle = cases.get(s.scenario().floor());
        if (tcp == null || idle == null) {
            return;
        }
        double tcps = tcp.median(CaseRun.TOTAL_MS) / idle.median(CaseRun.TOTAL_MS);
        if (tcps < FAR_FROM_IDLE && !tcp.forced()) {
            return;
        }
        double time = s.median(CaseRun.TOTAL_MS) / idle.median(CaseRun.TOTAL_MS);
        double pages = s.median(CaseRun.PAGES) / idle.median(CaseRun.PAGES);
        line(
                time <= NEAR_IDLE && pages <= NEAR_IDLE,
                "%s: total time %.2f and pages %.2f of the idle guest's (at most 1.10), plain TCP %.2f%s",
                s.scenario().id(),
                time,
                pages,
                tcps,
                tcp.forced() ? " and stopped by the limit of rounds" : "");
    }

    private void mails(Summary s) {
        double lost = s.most(CaseRun.MAILS_LOST);
        double twice = s.most(CaseRun.MAILS_TWICE);
        line(
                lost == 0 && twice == 0,
                "%s: %.0f mails lost, %.0f twice (0)",
                s.scenario().id(),
                lost,
                twice);
    }

    private void link(Summary s) {
        for (LinkGoal goal : LinkGoal.values()) {
            double ratio = s.median(goal.ratio());
            line(
                    ratio >= goal.aim(),
                    "%s.%s: %.2f times virtio-net (at least %.0f)",
                    s.scenario().id(),
                    goal.label(),
                    ratio,
                    goal.aim());
        }
    }
}
