package org.xenvmc.migration.vmdemo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A timeline as text: a row of bars for each path, letters below where something happened, and what the letters mean. */
final class TextChart {
    private static final int COLUMNS = 64;
    private static final String BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int MARGIN = 14;

    private TextChart() {}

    static String render(Timeline timeline) {
        List<Sample> samples = timeline.samples();
        if (samples.size() < 2) {
            return "nothing was seen\n";
        }
        double begin = samples.get(0).seconds();
        double width = (timeline.end() - begin) / COLUMNS;
        double[] memory = timeline.throughput(true, COLUMNS);
        double[] tcp = timeline.throughput(false, COLUMNS);
        double top = Math.max(
                Arrays.stream(memory).max().orElse(0), Arrays.stream(tcp).max().orElse(0));
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "throughput of both directions together, up to %.1f MB/s; a column is %.2f s, from %.1f to %.1f s%n",
                top,
                width,
                begin,
                timeline.end()));
        out.append(row("shared memory", bars(memory, top)));
        out.append(row("TCP", bars(tcp, top)));
        List<Mark> marks = timeline.marks();
        for (char[] letters : letters(marks, begin, width)) {
            out.append(row("", new String(letters)));
        }
        for (int i = 0; i < marks.size(); i++) {
            Mark m = marks.get(i);
            String took = m.ms() > 0 ? String.format(Locale.ROOT, "  took %.0f ms", m.ms()) : "";
            out.append(String.format(Locale.ROOT, "  %c %7.2f s  %-12s%s%n", letter(i), m.seconds(), m.name(), took));
        }
        return out.toString();
    }

    private static String row(String title, String content) {
        return (" ".repeat(MARGIN - 1 - title.length()) + title + " |" + content + "|").stripTrailing() + "\n";
    }

    private static String bars(double[] values, double top) {
        StringBuilder row = new StringBuilder();
        for (double v : values) {
            int height = top > 0 ? (int) Math.ceil(v / top * (BARS.length() - 1) - 0.05) : 0;
            row.append(BARS.charAt(Math.max(0, Math.min(BARS.length() - 1, height))));
        }
        return row.toString();
    }

    private static char letter(int index) {
        return index < LETTERS.length() ? LETTERS.charAt(index) : '*';
    }

    /** As few rows as possible: what happens within one column stands below one another. */
    private static List<char[]> letters(List<Mark> marks, double begin, double width) {
        List<char[]> rows = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            int column = (int) ((marks.get(i).seconds() - begin) / width);
            int place = Math.max(0, Math.min(COLUMNS - 1, column));
            char[] free = rows.stream().filter(r -> r[place] == ' ').findFirst().orElse(null);
            if (free == null) {
                free = " ".repeat(COLUMNS).toCharArray();
                rows.add(free);
            }
            free[place] = letter(i);
        }
        return rows;
    }
}
