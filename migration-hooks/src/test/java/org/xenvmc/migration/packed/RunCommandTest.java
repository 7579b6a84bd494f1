package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** {@code ./xenvmc run -- java ...}. */
@Tag("packed")
@EnabledOnOs(OS.LINUX)
class RunCommandTest {
    private static final Path LAUNCHER = Path.of("..", "xenvmc");
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    private static Program run(String... arguments) throws Exception {
        assertThat(LAUNCHER).as("run from the module's directory").matches(Files::isExecutable);
        List<String> command = new ArrayList<>(List.of("env", "XENVMC_JAR=" + System.getProperty("xenvmc.jar")));
        command.addAll(List.of(LAUNCHER.toString(), "run"));
        command.addAll(List.of(arguments));
        return Program.start(command);
    }

    private static String programs() {
        return RunCommandTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
    }

    @Test
    void shouldAddTheAgentAndKeepTheExitCode() throws Exception {
        try (Program p = run(
                "-o",
                "deny=*:22",
                "-o",
                "spin.ns=1000",
                "--",
                JAVA,
                "-cp",
                programs(),
                ExitProgram.class.getName(),
                "7")) {
            assertThat(p.exitCode()).as("%s", p.said()).isEqualTo(7);
            assertThat(p.said()).anyMatch(line -> line.startsWith("xenvmc: agent on for"));
            assertThat(p.said()).contains("argument 7", "deny *:22", "spin 1000", "JAVA_TOOL_OPTIONS null");
        }
    }

    @Test
    void shouldSayWhatItCannotRun() throws Exception {
        for (String[] arguments : new String[][] {{"--", "ls"}, {"--"}, {}, {"-o"}, {"--colour", "--", "java"}}) {
            try (Program p = run(arguments)) {
                assertThat(p.exitCode()).as("%s", p.said()).isEqualTo(2);
                assertThat(p.said()).anyMatch(line -> line.startsWith("xenvmc: run"));
            }
        }
    }
}
