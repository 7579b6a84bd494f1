package org.xenvmc.migration.vmdemo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.agent.Main;
import picocli.CommandLine;

/** What the command says without guests. */
class VmDemoCommandTest {
    private static final String KERNEL = "xenvmc.vm.kernel";

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void forget() {
        System.clearProperty(KERNEL);
    }

    private int run(String... arguments) {
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = new String[arguments.length + 1];
        all[0] = "vm-demo";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return line.execute(all);
    }

    @Test
    void shouldSayWhatIsMissingAndHowToGetItWhenGuestsCannotRun() {
        System.setProperty(KERNEL, dir.toString());
        Path svg = dir.resolve("picture.svg");

        assertThat(run("--svg", svg.toString())).isEqualTo(3);

        assertThat(err.toString()).startsWith("vm-demo: ").containsAnyOf("apt-get install", KERNEL);
        assertThat(Files.exists(svg)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--rounds=0", "--rounds=101", "--rate-mb=0", "--bandwidth-mb=-1", "--order=never", "--svg=/"})
    void shouldRefuseWhatMakesNoSense(String option) {
        assertThat(run(option)).isEqualTo(2);
        assertThat(err.toString()).contains(option.substring(0, option.indexOf('=')));
    }

    @Test
    void shouldTellItsOptionsAndExitCodes() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("--order=early|keep", "--rounds=N", "--svg=FILE", "--json=FILE", "Exit codes:");
    }
}
