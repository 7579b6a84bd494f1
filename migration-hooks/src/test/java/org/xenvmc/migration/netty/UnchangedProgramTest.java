package org.xenvmc.migration.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.HostDirectory;

/** Programs that nobody changed, in a JVM of their own, with our providers by system property. */
class UnchangedProgramTest {
    private static String run(HostDirectory host, Class<?> program, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.nio.channels.spi.SelectorProvider=org.xenvmc.transport.VmcSelectorProvider");
        command.add("-Dxenvmc.host.dir=" + host.name());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldUseSharedMemoryWhenAProgramUsesNettysNioTransport() throws Exception {
        try (HostDirectory host = HostDirectory.create()) {
            assertThat(run(host, UnchangedNettyProgram.class))
                    .contains("echoed all: true")
                    .contains("channel io.netty.channel.socket.nio.NioSocketChannel")
                    .contains("provider org.xenvmc.transport.VmcSelectorProvider")
                    .contains("path SHARED_MEMORY SHARED_MEMORY");
        }
    }

    @Test
    void shouldUseSharedMemoryWhenAProgramUsesAsynchronousChannels() throws Exception {
        try (HostDirectory host = HostDirectory.create()) {
            String provider = "org.xenvmc.transport.async.VmcAsynchronousChannelProvider";
            assertThat(run(
                            host,
                            UnchangedAsyncProgram.class,
                            "-Djava.nio.channels.spi.AsynchronousChannelProvider=" + provider))
                    .contains("provider " + provider)
                    .contains("default group")
                    .contains("all answered")
                    .contains("path SHARED_MEMORY SHARED_MEMORY");
        }
    }
}
