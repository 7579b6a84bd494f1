package org.xenvmc.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** The report as a plain table. */
public final class Table {
    private static final MathContext DIGITS = new MathContext(3);
    private static final String[] HEAD = {"figure", "ours", "peer", "unit", "ratio", "low .. high", "goal", "result"};

    private Table() {}

    /** Renders rows, with a line on each that could not be measured. */
    public static String render(List<FigureResult> results) {
        List<String[]> rows = new ArrayList<>();
        rows.add(HEAD);
        results.forEach(r -> rows.add(cells(r)));
        int[] widths = widths(rows);
        StringBuilder out = new StringBuilder();
        for (String[] row : rows) {
            out.append(line(row, widths)).append('\n');
        }
        for (FigureResult r : results) {
            if (r.error() != null) {
                out.append('\n')
                        .append(r.id())
                        .append(" could not be measured: ")
                        .append(r.error())
                        .append('\n');
            }
        }
        return out.toString();
    }

    private static String[] cells(FigureResult r) {
        String spread = Double.isFinite(r.low()) ? number(r.low()) + " .. " + number(r.high()) : "-";
        return new String[] {
            r.id(), number(r.ours()), number(r.peer()), r.unit(), number(r.ratio()), spread, r.goal(), result(r)
        };
    }

    private static String result(FigureResult r) {
        if (r.error() != null) {
            return r.failed() ? "FAILED" : "not here";
        }
        return r.met() == null ? "" : r.met() ? "met" : "MISSED";
    }

    private static int[] widths(List<String[]> rows) {
        int[] widths = new int[HEAD.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        return widths;
    }

    private static String line(String[] row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            boolean number = i == 1 || i == 2 || i == 4;
            line.append(String.format("%" + (number ? "" : "-") + widths[i] + "s  ", row[i]));
        }
        return line.toString().stripTrailing();
    }

    /** Three significant digits. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        String plain = new BigDecimal(value).round(DIGITS).toPlainString();
        return value == 0 ? "0" : plain;
    }
}
