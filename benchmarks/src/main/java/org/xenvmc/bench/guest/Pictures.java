package org.xenvmc.bench.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * The paper's figures from results: total time over the load (mails, or the working set), and data sent over time. Only this class knows
 * the plotting library.
 */
final class Pictures {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;
    private static final double MS_PER_S = 1e3;
    private static final double MB = 1e6;
    private static final double MIB = 1 << 20;

    private final Map<String, Summary> cases;

    Pictures(Map<String, Summary> cases) {
        this.cases = cases;
    }

    /** Draws all; returns the files. */
    List<Path> svg(Path directory) throws IOException {
        return draw(
                directory,
                ".svg",
                (chart, file) -> VectorGraphicsEncoder.saveVectorGraphic(chart, file, VectorGraphicsFormat.SVG));
    }

    /** Draws all; returns the files. */
    List<Path> png(Path directory) throws IOException {
        return draw(directory, ".png", (chart, file) -> BitmapEncoder.saveBitmap(chart, file, BitmapFormat.PNG));
    }

    /** Writes a chart. */
    @FunctionalInterface
    private interface Format {
        void save(XYChart chart, String file) throws IOException;
    }

    private List<Path> draw(Path directory, String end, Format format) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, XYChart> each : charts().entrySet()) {
            Path file = directory.resolve(each.getKey() + end);
            format.save(each.getValue(), file.toString());
            files.add(file);
        }
        return files;
    }

    /** By the name of the file. */
    private Map<String, XYChart> charts() {
        Map<String, XYChart> charts = new LinkedHashMap<>();
        for (Summary s : cases.values()) {
            Scenario scenario = s.scenario();
            if (scenario.load() == Load.MAIL) {
                String name = "mails-" + Math.round(scenario.fileBytes() / MB) + "mb";
                totals(charts, name, "Files of " + Math.round(scenario.fileBytes() / MB) + " MB", "mails");
            } else if (scenario.load() == Load.DATA) {
                String name = "data-" + Math.round(scenario.bytesPerSecond() / MIB) + "mib";
                totals(charts, name, Math.round(scenario.bytesPerSecond() / MIB) + " MiB/s", "MiB that stay in memory");
            }
            if (scenario.load() == Load.MAIL || scenario.load() == Load.DATA) {
                progress(charts, scenario.group());
            }
        }
        charts.values().removeIf(chart -> chart.getSeriesMap().isEmpty());
        return charts;
    }

    private static XYChart chart(String title, String x, String y) {
        return new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
    }

    private void totals(Map<String, XYChart> charts, String name, String title, String x) {
        if (charts.containsKey(name)) {
            return;
        }
        XYChart chart = chart("Total time of the migration: " + title, x, "s");
        charts.put(name, chart);
        for (Way way : Way.values()) {
            List<Double> xs = new ArrayList<>();
            List<Double> ys = new ArrayList<>();
            for (Summary s : cases.values()) {
                Scenario scenario = s.scenario();
                if (scenario.way() == way && isOf(name, scenario)) {
                    xs.add(scenario.load() == Load.MAIL ? scenario.mails() : scenario.workingSetBytes() / MIB);
                    ys.add(s.median(CaseRun.TOTAL_MS) / MS_PER_S);
                }
            }
            if (!xs.isEmpty()) {
                chart.addSeries(way.title(), xs, ys);
            }
        }
    }

    private static boolean isOf(String chart, Scenario s) {
        return s.load() == Load.MAIL && chart.equals("mails-" + Math.round(s.fileBytes() / MB) + "mb")
                || s.load() == Load.DATA && chart.equals("data-" + Math.round(s.bytesPerSecond() / MIB) + "mib");
    }

    private void progress(Map<String, XYChart> charts, String group) {
        String name = "sent-" + group;
        if (charts.containsKey(name)) {
            return;
        }
        XYChart chart = chart("Data of the migration: " + group, "s", "MB sent");
        charts.put(name, chart);
        for (Summary s : cases.values()) {
            boolean floor = cases.values().stream()
                    .anyMatch(o -> o.scenario().group().equals(group)
                            && o.scenario().floor().equals(s.scenario().id()));
            List<Long> series = s.runs().get(0).series();
            if ((floor || s.scenario().group().equals(group)) && !series.isEmpty()) {
                chart.addSeries(s.scenario().way().title(), column(series, 0, MS_PER_S), column(series, 1, MB));
            }
        }
    }

    private static List<Double> column(List<Long> series, int from, double unit) {
        List<Double> values = new ArrayList<>();
        for (int i = from; i < series.size(); i += 2) {
            values.add(series.get(i) / unit);
        }
        return values;
    }
}
