package org.xenvmc.migration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.metrics.FlightRecording;

/** A Java runtime in which the flight recorder and JMX are not there, as jlink makes it. */
class SmallRuntimeTest {
    /** Goes to shared memory and says so. */
    public static final class Program {
        private Program() {}

        /** Runs it. */
        public static void main(String[] args) throws Exception {
            VmcSelectorProvider provider = new VmcSelectorProvider(new VmcContext()
                    .hostDirectory(args[0])
                    .upgradeAfterOperations(0)
                    .upgradeAfterBytes(0)
                    .jmx(true));
            try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                try (SocketChannel near = provider.openSocketChannel()) {
                    near.connect(listener.getLocalAddress());
                    SocketChannel far = listener.accept();
                    while (VmcConnections.info(near).sending().path() != org.xenvmc.transport.Path.SHARED_MEMORY) {
                        near.write(ByteBuffer.allocate(1));
                        far.read(ByteBuffer.allocate(1));
                    }
                }
            }
            System.out.println("shared memory, recorder=" + isThere("jdk.jfr.Event") + " jmx="
                    + isThere("javax.management.MBeanServer") + " on=" + FlightRecording.isOn() + " opened="
                    + provider.engine().statistics().opened());
            provider.engine().close();
        }

        private static boolean isThere(String name) {
            try {
                Class.forName(name);
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWorkWithAndWithoutRecorderAndJmx(boolean small) throws Exception {
        try (HostDirectory host = HostDirectory.create()) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--limit-modules",
                            small ? "java.base,java.logging,jdk.unsupported" : "java.se,jdk.jfr,jdk.unsupported",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Program.class.getName(),
                            host.name())
                    .redirectErrorStream(true)
                    .start();
            try {
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(said)
                        .contains(
                                List.of("shared memory, recorder=" + !small + " jmx=" + !small + " on=false opened=2"));
                assertThat(said.contains("this VM is not shown in JMX")).isEqualTo(small);
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
