package org.xenvmc.transport.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sockets in a JVM that was told to use the IPv4 stack only, for which there are no IPv6 addresses. */
class IPv4StackParityTest {
    @Test
    void shouldDoAsTheJdkWhenAnAddressIsOfAFamilyThatIsNotThere() throws Exception {
        String expected = run();
        assertThat(expected).contains("rotocol family unavailable");
        assertThat(run("ours")).isEqualTo(expected);
    }

    /** Runs {@link IPv4StackProgram} in a JVM of its own. */
    private static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                IPv4StackProgram.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }
}
