package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.Path;

/** JVMs that end in an orderly way and close nothing before: they leave nothing for others to clean up. */
@Tag("once")
class ExitTest {
    private static final int TERMINATED = 128 + 15;
    private static final int REGION_BYTES = 16 << 20;
    /** Longer than a peer that has vanished is waited for. */
    private static final Duration LONG_HOOK = Duration.ofMillis(1500);

    private volatile boolean stop;
    private final HostDirectory host = HostDirectory.create();

    @AfterEach
    void close() {
        host.close();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = VmProcess.command(ExitingVm.class, List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void awaitReady(Process process) throws Exception {
        BufferedReader said = process.inputReader();
        assertThat(Background.start(said::readLine).result()).isEqualTo("ready");
    }

    private static void awaitExit(Process process, int code) throws InterruptedException {
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(code);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Every name in the host directory that belongs to a VM; links, too. */
    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<java.nio.file.Path> all = Files.walk(host.path())) {
            all.map(p -> p.getFileName().toString())
                    .filter(n -> n.startsWith("vm-") || n.startsWith("grant-") || n.startsWith(".new-"))
                    .sorted()
                    .forEach(names::add);
        }
        return names;
    }

    @ParameterizedTest
    @CsvSource({"return,0", "exit,7", "blocked,7", "terminated,143", "late,7"})
    void shouldLeaveNothingBehindWhenTheJvmEnds(String mode, int code) throws Exception {
        Process process = start(mode, host.name());
        awaitReady(process);
        if (code == TERMINATED) {
            assertThat(names()).contains("vm-1", "vm-2");
            process.destroy();
        }
        awaitExit(process, code);

        assertThat(names()).isEmpty();
        assertThat(host.path()).exists();
    }

    /** Not after a lease, which is ten seconds. */
    @ParameterizedTest
    @CsvSource({"return,0", "exit,7", "blocked,7", "terminated,143", "late,7"})
    void shouldLeaveNoPlaceTakenInARegionWhenTheJvmEnds(String mode, int code) throws Exception {
        try (HostDirectory region = HostDirectory.device(REGION_BYTES)) {
            Process process = start(mode, region.name());
            awaitReady(process);
            if (code == TERMINATED) {
                assertThat(region.placesTaken()).isEqualTo(2);
                process.destroy();
            }
            awaitExit(process, code);

            assertThat(region.placesTaken()).isZero();
        }
    }

    @Test
    void shouldGiveItsPlaceInARegionBackAndLeaveConnectionsToHooksOverTcp() throws Exception {
        try (HostDirectory region = HostDirectory.device(REGION_BYTES);
                Vm vm = Vm.on(region);
                ServerSocketChannel listener = vm.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Process process = start(
                    "hook", region.name(), String.valueOf(listener.socket().getLocalPort()));
            try (SocketChannel channel = Background.start(listener::accept).result()) {
                Background<Void> answering = Background.run(() -> answerAll(channel));
                awaitReady(process);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(15))
                        .until(() -> region.placesTaken() == 1
                                && vm.info(channel).sending().path() == Path.FRAMED_TCP
                                && vm.info(channel).receiving().path() == Path.FRAMED_TCP);
                long before = vm.info(channel).receiving().bytes();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(15))
                        .until(() -> vm.info(channel).receiving().bytes() > before + 100);
                stop = true;
                answering.result();
                awaitExit(process, ExitingVm.EXIT_CODE);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void shouldLeaveConnectionsToHooksThatUseThem() throws Exception {
        try (Vm vm = Vm.on(host);
                ServerSocketChannel listener = vm.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Process process =
                    start("hook", host.name(), String.valueOf(listener.socket().getLocalPort()));
            try (SocketChannel channel = Background.start(listener::accept).result()) {
                Background<Void> answering = Background.run(() -> answerAll(channel));
                awaitReady(process);
                Awaitility.await()
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .during(LONG_HOOK)
                        .atMost(Duration.ofSeconds(15))
                        .untilAsserted(() -> {
                            assertThat(vm.info(channel).sending().path()).isEqualTo(Path.SHARED_MEMORY);
                            assertThat(vm.info(channel).receiving().path()).isEqualTo(Path.SHARED_MEMORY);
                            assertThat(names()).contains("vm-1", "vm-2");
                            assertThat(names()).noneMatch(n -> n.matches("grant-2-[0-9]{1,8}-1"));
                        });
                stop = true;
                answering.result();
                awaitExit(process, ExitingVm.EXIT_CODE);
                assertThat(names()).contains("vm-1").noneMatch(n -> n.startsWith("vm-2") || n.startsWith("grant-2-"));
            } finally {
                process.destroyForcibly();
            }
        }
        assertThat(names()).isEmpty();
    }

    /** Answers each byte until the end; the last one with the sign to stop. */
    private void answerAll(SocketChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one.clear()) == 1) {
            channel.write(one.clear().put(0, stop ? ExitingVm.STOP : 0));
        }
    }
}
