package org.xenvmc.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ExperimentCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ExperimentCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void shouldListCasesWhenAsked() {
        assertThat(run("--list", "--only", "mail.20x3.*")).isZero();
        assertThat(out.toString().lines()).hasSize(3).allMatch(l -> l.contains("400 mails"));
    }

    @Test
    void shouldReportWhatWasMeasuredBeforeWhenItIsToMeasureNothing() throws IOException {
        Path file = folder.resolve("r.json");
        new ResultFile(file).add(Samples.run("idle.w96", 6_200, 50_100));
        assertThat(run("--report", "--json", file.toString())).isZero();
        assertThat(out.toString()).contains("idle.w96", "50100");
    }

    @Test
    void shouldSayWhatIsWrongWhenAnOptionIs() {
        assertThat(run("--only", "nothing")).isEqualTo(2);
        assertThat(run("--report")).isEqualTo(2);
        assertThat(run("--repeat", "0")).isEqualTo(2);
        assertThat(run("--json", folder.resolve("no/where.json").toString())).isEqualTo(2);
        assertThat(run("--bandwidth-mb", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("nothing", "--json", "--repeat", "where.json", "--bandwidth-mb");
    }

    @Test
    void shouldFitIntoATerminalWhenHelpIsPrinted() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("--quick", "--only", "--json");
    }
}
