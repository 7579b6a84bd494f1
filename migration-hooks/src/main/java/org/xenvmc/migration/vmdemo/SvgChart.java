package org.xenvmc.migration.vmdemo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A timeline as a picture: throughput of each path over time, with the steps of the migration. */
final class SvgChart {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 560;
    private static final double PART_SECONDS = 0.25;
    private static final int MOST_PARTS = 1000;
    /** Names of steps stand at so many heights, one below the other, because steps follow one another quickly. */
    private static final int HEIGHTS = 8;

    private static final double ROOM_FOR_NAMES = 0.45;
    private static final Color MEMORY = new Color(0x2e, 0x7d, 0x32, 0xa0);
    private static final Color TCP = new Color(0xef, 0x6c, 0x00, 0xa0);

    private SvgChart() {}

    /**
     * Writes the picture.
     *
     * @throws IOException also when this Java cannot measure letters, because fonts or their library are missing
     */
    static void write(Timeline timeline, String title, Path file) throws IOException {
        System.setProperty("java.awt.headless", "true");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(chart(timeline, title), out, VectorGraphicsFormat.SVG);
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new IOException(
                    "this Java cannot draw (Debian: apt-get install fontconfig fonts-dejavu-core libfreetype6): " + e,
                    e);
        }
        Files.write(file, out.toByteArray());
    }

    private static XYChart chart(Timeline timeline, String title) {
        List<Sample> samples = timeline.samples();
        double begin = samples.isEmpty() ? 0 : samples.get(0).seconds();
        int parts = (int) Math.max(1, Math.min(MOST_PARTS, (timeline.end() - begin) / PART_SECONDS));
        double width = (timeline.end() - begin) / parts;
        double[] seconds = new double[parts];
        Arrays.setAll(seconds, i -> begin + (i + 0.5) * width);
        double[] memory = timeline.throughput(true, parts);
        double[] tcp = timeline.throughput(false, parts);
        double top = Math.max(
                0.1,
                Math.max(
                        Arrays.stream(memory).max().orElse(0),
                        Arrays.stream(tcp).max().orElse(0)));

        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("seconds")
                .yAxisTitle("MB/s, both directions together")
                .build();
        style(chart, top);
        add(chart, "shared memory", MEMORY, seconds, memory);
        add(chart, "TCP", TCP, seconds, tcp);
        annotate(chart, timeline.marks(), top);
        return chart;
    }

    private static void style(XYChart chart, double top) {
        chart.getStyler()
                .setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Area)
                .setXAxisDecimalPattern("0.0")
                .setYAxisMin(0.0)
                .setYAxisMax(top * (1 + ROOM_FOR_NAMES));
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideS)
                .setChartBackgroundColor(Color.WHITE)
                .setAnnotationLineColor(Color.GRAY)
                .setAnnotationLineStroke(new BasicStroke(0.7f))
                .setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11))
                .setAnnotationTextFontColor(Color.BLACK);
    }

    private static void add(XYChart chart, String name, Color colour, double[] seconds, double[] values) {
        chart.addSeries(name, seconds, values)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(colour)
                .setFillColor(colour);
    }

    private static void annotate(XYChart chart, List<Mark> marks, double top) {
        for (int i = 0; i < marks.size(); i++) {
            Mark m = marks.get(i);
            double height = top * (1 + ROOM_FOR_NAMES * (HEIGHTS - i % HEIGHTS) / (HEIGHTS + 1));
            chart.addAnnotation(new AnnotationLine(m.seconds(), true, false));
            chart.addAnnotation(new AnnotationText(m.name(), m.seconds(), height, false));
        }
    }
}
