package org.xenvmc.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final CaseRun IDLE = Samples.run("idle.w96", 6_200, 50_100);

    private static List<String> goals(CaseRun... runs) {
        return Goals.of(Summary.of(List.of(runs)));
    }

    @Test
    void shouldTakeTheMedianAndLeaveFailuresOutWhenACaseRanSeveralTimes() {
        Summary s = Summary.of(List.of(
                        Samples.run("idle.w96", 9_000, 1),
                        CaseRun.failed("idle.w96", "", "", "no guest"),
                        Samples.run("idle.w96", 5_000, 1),
                        Samples.run("idle.w96", 6_000, 1)))
                .get("idle.w96");
        assertThat(s.runs()).hasSize(3);
        assertThat(s.median(CaseRun.TOTAL_MS)).isEqualTo(6_000);
        assertThat(s.least(CaseRun.TOTAL_MS)).isEqualTo(5_000);
        assertThat(s.most(CaseRun.TOTAL_MS)).isEqualTo(9_000);
        assertThat(s.median(CaseRun.MAILS)).isNaN();
    }

    @Test
    void shouldMeetTheGoalsWhenInPlaceIsNearIdleAndTcpIsFar() {
        assertThat(goals(
                        IDLE,
                        Samples.run("data.w96.r24.tcp", 25_000, 200_000),
                        Samples.run("data.w96.r24.place", 6_600, 54_000)))
                .containsExactly(
                        "met     data.w96.r24.place: total time 0.26 of plain TCP's (at most 1.05)",
                        "met     data.w96.r24.place: total time 1.06 and pages 1.08 of the idle guest's (at most 1.10),"
                                + " plain TCP 4.03");
    }

    @Test
    void shouldMissGoalsWhenTheLibraryIsSlowerOrSendsMore() {
        assertThat(goals(
                        IDLE,
                        Samples.run("data.w96.r24.tcp", 6_500, 60_000, Map.of(CaseRun.FORCED, 1.0)),
                        Samples.run("data.w96.r24.place", 6_900, 60_000)))
                .hasSize(2)
                .allMatch(line -> line.startsWith("MISSED"))
                .last()
                .asString()
                .contains("pages 1.20", "stopped by the limit of rounds");
    }

    @Test
    void shouldSayNothingOfTheFloorWhenPlainTcpIsNearItToo() {
        assertThat(goals(
                        IDLE,
                        Samples.run("data.w96.r24.tcp", 7_000, 60_000),
                        Samples.run("data.w96.r24.place", 7_000, 60_000)))
                .hasSize(1);
    }

    @Test
    void shouldMissTheGoalWhenAMailIsLostInAnyRun() {
        Map<String, Double> good = Map.of(CaseRun.MAILS_LOST, 0.0, CaseRun.MAILS_TWICE, 0.0);
        Map<String, Double> bad = Map.of(CaseRun.MAILS_LOST, 1.0, CaseRun.MAILS_TWICE, 0.0);
        assertThat(goals(Samples.run("mail.4x1.tcp", 1, 1, good)))
                .containsExactly("met     mail.4x1.tcp: 0 mails lost, 0 twice (0)");
        assertThat(goals(Samples.run("mail.4x1.tcp", 1, 1, good), Samples.run("mail.4x1.tcp", 1, 1, bad)))
                .containsExactly("MISSED  mail.4x1.tcp: 1 mails lost, 0 twice (0)");
    }

    /** 50,000 pages of 4,104 bytes take 6.115 s; meanwhile 8 MiB/s dirty 12,525 pages, and so on in a ratio of a quarter. */
    @Test
    void shouldEstimateByHandWhenTheRateIsAQuarterOfTheBandwidth() {
        CaseRun tcp =
                Samples.run("data.w96.r8.tcp", 8_000, 66_000, Map.of(CaseRun.RECEIVED_PER_SECOND, 8.0 * (1 << 20)));
        Map<String, Summary> cases = Summary.of(List.of(tcp));
        Prediction p = Prediction.of(cases.get("data.w96.r8.tcp"), null).orElseThrow();
        assertThat(p.pages()).isCloseTo(50_000 + 12_525 + 3_138 + 787, within(10.0));
        assertThat(p.totalMs()).isCloseTo(p.pages() * 4104 / Samples.BANDWIDTH * 1000, within(5.0));
        assertThat(p.within()).isTrue();
    }

    /**
     * What the idle guest dirtied in the 6.115 s of its first round, 3,000 pages, is more than the downtime limit of 300 ms has room
     * for, and is sent; in the 367 ms that takes, 180 pages become dirty, which fit.
     */
    @Test
    void shouldEndWhenTheGuestItselfDirtiesMoreThanTheDowntimeHasRoomFor() {
        CaseRun idle = Samples.run("idle.w96", 6_600, 53_000);
        CaseRun place = Samples.run("data.w96.r8.place", 6_600, 53_200);
        Map<String, Summary> cases = Summary.of(List.of(idle, place));
        Prediction p = Prediction.of(cases.get("data.w96.r8.place"), cases.get("idle.w96"))
                .orElseThrow();
        assertThat(p.pages()).isCloseTo(50_000 + 3_000 + 180, within(5.0));
        assertThat(p.within()).isTrue();
    }

    @Test
    void shouldNotEstimateWhenTheMailsEndedBeforeTheMigration() {
        CaseRun mail = Samples.run("mail.4x1.tcp", 8_000, 66_000, Map.of(CaseRun.MAILS_MS, 900.0));
        assertThat(Prediction.of(Summary.of(List.of(mail)).get("mail.4x1.tcp"), null))
                .isEmpty();
    }

    @Test
    void shouldSayWithWhatItWasMeasuredWhenItIsPrinted() {
        String text = new Report(List.of(
                        IDLE,
                        Samples.run("data.w96.r24.tcp", 25_000, 200_000, Map.of(CaseRun.FORCED, 1.0)),
                        Samples.run("data.w96.r24.tcp", 35_000, 300_000),
                        CaseRun.failed("link", "", "an emulated processor", "no guest")))
                .render();
        assertThat(text)
                .contains("measured with an emulated processor\n")
                .contains("30.0 (25.0..35.0)", "3 (limit)", "250000 (200000..300000)")
                .contains("link could not be measured: no guest");
        assertThat(text.lines().filter(l -> l.startsWith("data.w96.r24.tcp")).findFirst())
                .get()
                .asString()
                .containsPattern("r24.tcp +2 +96 ");
    }

    @Test
    void shouldDrawTheFiguresWhenThereAreResults(@TempDir Path folder) throws IOException {
        List<CaseRun> runs = List.of(
                IDLE,
                Samples.run("data.w96.r24.tcp", 25_000, 200_000),
                Samples.run("data.w96.r24.place", 6_600, 54_000),
                Samples.run("mail.4x1.keep", 6_600, 54_000),
                Samples.run("mail.8x1.keep", 7_600, 54_000));
        Pictures pictures = new Pictures(Summary.of(runs));
        List<Path> files = pictures.svg(folder);
        assertThat(files)
                .extracting(f -> f.getFileName().toString())
                .containsExactlyInAnyOrder(
                        "mails-1mb.svg",
                        "sent-mail.4x1.svg",
                        "sent-mail.8x1.svg",
                        "data-24mib.svg",
                        "sent-data.w96.r24.svg");
        for (Path file : files) {
            assertThat(file).content().startsWith("<?xml").contains("<svg");
        }
        // three lines (idle, TCP, in place) are more to draw than one
        assertThat(Files.size(folder.resolve("sent-data.w96.r24.svg")))
                .isGreaterThan(Files.size(folder.resolve("sent-mail.4x1.svg")));
        assertThat(pictures.png(folder)).hasSize(5).allMatch(f -> isPng(f));
    }

    private static boolean isPng(Path file) {
        try {
            return ImageIO.read(file.toFile()).getWidth() > 100;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
