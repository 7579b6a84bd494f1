package org.xenvmc.migration.vmdemo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xenvmc.migration.json.JsonObject;

/** What was seen, and the pictures of it. */
class TimelineTest {
    private static final int PARTS = 10;

    @TempDir
    private Path dir;

    /** Ten seconds: 4 MB/s by shared memory, from the fifth second on 2 MB/s over TCP. */
    private static Timeline timeline() {
        Timeline t = new Timeline();
        for (int s = 0; s <= 10; s++) {
            t.add(new Sample(s, 4_000_000L * Math.min(5, s), 2_000_000L * Math.max(0, s - 5)));
        }
        t.add(new Mark(4.2, "prepare", 12));
        t.add(new Mark(4.3, "drained", 0));
        t.add(new Mark(9.9, "resumed", 1500));
        return t;
    }

    @Test
    void shouldTellThroughputOfEachPath() {
        double[] memory = timeline().throughput(true, PARTS);
        double[] tcp = timeline().throughput(false, PARTS);
        for (int i = 0; i < PARTS; i++) {
            assertThat(memory[i]).isCloseTo(i < 5 ? 4 : 0, within(1e-6));
            assertThat(tcp[i]).isCloseTo(i < 5 ? 0 : 2, within(1e-6));
        }
    }

    @Test
    void shouldShareABurstAmongThePartsInWhichItMayHaveCome() {
        Timeline t = new Timeline();
        t.add(new Sample(0, 0, 0));
        t.add(new Sample(1, 3_000_000, 0));
        t.add(new Sample(3, 3_000_000, 8_000_000)); // two seconds without a look
        assertThat(t.throughput(true, 3)).containsExactly(new double[] {3, 0, 0}, within(1e-6));
        assertThat(t.throughput(false, 3)).containsExactly(new double[] {0, 4, 4}, within(1e-6));
    }

    @Test
    void shouldDrawARowForEachPathAndAPlaceForEachStep() {
        List<String> lines = TextChart.render(timeline()).lines().toList();

        assertThat(lines.get(0)).contains("4.0 MB/s").contains("from 0.0 to 10.0 s");
        assertThat(lines.get(1)).isEqualTo("shared memory |" + "\u2588".repeat(32) + " ".repeat(32) + "|");
        assertThat(lines.get(2)).isEqualTo("          TCP |" + " ".repeat(32) + "\u2584".repeat(32) + "|");
        int margin = lines.get(1).indexOf('|') + 1;
        assertThat(lines.get(3).indexOf('a')).isEqualTo(margin + (int) (4.2 / 10 * 64));
        assertThat(lines.get(3).indexOf('b')).isEqualTo(margin + (int) (4.3 / 10 * 64));
        assertThat(lines.get(3).indexOf('c')).isEqualTo(margin + 63);
        assertThat(lines.subList(4, 7))
                .containsExactly(
                        "  a    4.20 s  prepare       took 12 ms",
                        "  b    4.30 s  drained     ",
                        "  c    9.90 s  resumed       took 1500 ms");
    }

    @Test
    void shouldPutStepsOfOneMomentBelowOneAnother() {
        Timeline t = timeline();
        t.add(new Mark(4.21, "unplugged", 1));
        List<String> lines = TextChart.render(t).lines().toList();
        assertThat(lines.get(4).indexOf('d')).isEqualTo(lines.get(3).indexOf('a'));
    }

    @Test
    void shouldDrawNothingWhenNothingWasSeen() {
        assertThat(TextChart.render(new Timeline())).isEqualTo("nothing was seen\n");
        Timeline forgotten = timeline();
        forgotten.forgetBefore(100);
        assertThat(TextChart.render(forgotten)).isEqualTo("nothing was seen\n");
        assertThat(forgotten.marks()).isEmpty();
    }

    @Test
    void shouldWriteAPicture() throws Exception {
        Path few = dir.resolve("few.svg");
        Path more = dir.resolve("more.svg");
        Timeline timeline = timeline();
        try {
            SvgChart.write(timeline, "a title", few);
        } catch (IOException e) {
            Assumptions.abort(e.getMessage()); // says what to install
        }
        timeline.add(new Mark(5, "one more", 0));
        SvgChart.write(timeline, "a title", more);

        assertThat(svg(few).getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(elements(svg(more))).as("a line and a word more").isGreaterThan(elements(svg(few)));
    }

    private static Document svg(Path file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(file.toFile());
    }

    private static int elements(Document document) {
        return document.getElementsByTagName("*").getLength();
    }

    @Test
    void shouldGiveEverythingAsJson() throws IOException {
        JsonObject json = JsonObject.parse(timeline().toJson().toString());
        assertThat(json.objects("samples")).hasSize(11);
        assertThat(json.objects("samples").get(10).number("tcpBytes")).isEqualTo(10_000_000);
        assertThat(json.objects("marks").get(2).text("name")).isEqualTo("resumed");
        assertThat(json.objects("marks").get(2).decimal("ms")).isEqualTo(1500);
    }
}
