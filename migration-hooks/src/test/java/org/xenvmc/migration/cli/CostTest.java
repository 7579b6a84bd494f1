package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.cost.DirtyReport;
import org.xenvmc.migration.cost.DirtySample;
import org.xenvmc.migration.cost.TransportPages;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;

class CostTest {
    /** 1,000 pages of 4,104 bytes per second, and 10,000 pages: the machine of PreCopyTest. */
    private static final String[] MACHINE = {"cost", "--memory", "40000k", "--bandwidth", "4104000"};

    private static Cli machine(String... more) {
        String[] all = java.util.Arrays.copyOf(MACHINE, MACHINE.length + more.length);
        System.arraycopy(more, 0, all, MACHINE.length, more.length);
        return Cli.run(all);
    }

    @Test
    void shouldEstimateWhatIsGiven() {
        Cli cli = machine("--dirty-rate", "100", "--rounds");

        assertThat(cli.exitCode()).as("%s", cli).isZero();
        assertThat(cli.out())
                .contains("Migration of 10,000 pages (41.0 MB) at 4.10 MB/s")
                .containsPattern(
                        "as given +11\\.1 s +10\\.0 ms +11110 +1\\.111 +3  converges after 3 rounds, 10 pages left")
                .containsPattern("\n +2 +1000 +1\\.00 s +100\n");
    }

    @Test
    void shouldSayThatItDoesNotConverge() throws Exception {
        Cli paper = machine("--dirty-rate", "2000", "--working-set", "20000k");
        Cli qemu = machine("--dirty-rate", "2000", "--working-set", "20000k", "--rule", "qemu", "--json", "-");

        assertThat(paper.exitCode()).isZero();
        assertThat(paper.out())
                .contains("155 s", "15.500", "does not converge: from round 1 on each round leaves 5,000");
        JsonObject estimate = JsonObject.parse(qemu.out()).objects("estimates").get(0);
        assertThat(estimate.text("outcome")).isEqualTo("NEVER");
        assertThat(estimate.has("totalNs")).isFalse();
        assertThat(estimate.has("overhead")).isFalse();
    }

    @Test
    void shouldWriteTheRoundsAsJson(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("cost.json");

        assertThat(machine("--dirty-rate", "90", "--rule", "thesis", "--json", file.toString())
                        .exitCode())
                .isZero();

        JsonObject estimate =
                JsonObject.parse(Files.readString(file)).objects("estimates").get(0);
        assertThat(estimate.number("pagesSent")).isEqualTo(10_981);
        assertThat(estimate.number("downtimeNs")).isEqualTo(81_000_000);
        assertThat(estimate.objects("rounds")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cost | say --memory",
                "cost --memory 1g --bandwidth 0 | --bandwidth: 0 is not positive",
                "cost --memory much | 'much' is not a size",
                "cost --memory 99999999999999t | is too large",
                "cost --memory 1g --dirty-rate -1 | --dirty-rate: -1 is negative",
                "cost --vm 1 --dirty-rate 5 | leave out --vm",
                "cost --vm 1 --seconds 0 | --seconds: 0 is not between",
                "cost --memory 1g --rule rsync | --rule"
            })
    void shouldSayWhatIsWrongWithTheUsage(String line, String complaint) {
        Cli cli = Cli.run(line.split(" "));

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(2);
        assertThat(cli.err()).contains(complaint);
    }

    /** A real VM that receives a megabyte over shared memory in the meantime. */
    @Test
    void shouldMeasureARunningVm() throws Exception {
        try (HostDirectory host = HostDirectory.create();
                Vm server = Vm.on(host);
                Vm client = Vm.on(host);
                ServerSocketChannel listener = server.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = client.provider().openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                SocketChannel far = listener.accept();
                Awaitility.await().until(() -> server.engine().hostStatus().joined());
                Background<Void> reading = Background.start(() -> {
                    ByteBuffer in = ByteBuffer.allocate(64 * 1024);
                    while (far.read(in.clear()) >= 0) {
                        // what arrives is not looked at
                    }
                    far.close();
                    return null;
                });
                Background<Cli> measuring = Background.start(() -> Cli.run(
                        "cost",
                        "--host",
                        host.name(),
                        "--vm",
                        String.valueOf(server.engine().hostStatus().self().domId()),
                        "--seconds",
                        "1",
                        "--json",
                        "-"));
                while (!measuring.done()) {
                    near.write(ByteBuffer.allocate(16 * 1024));
                    Thread.onSpinWait();
                }
                near.shutdownOutput();
                reading.result();
                Cli cli = measuring.result();

                assertThat(cli.exitCode()).as("%s", cli).isZero();
                checkReport(JsonObject.parse(cli.out()));
            }
        }
    }

    private static void checkReport(JsonObject out) throws Exception {
        DirtyReport report = DirtyReport.of(out.object("measured"));
        assertThat(report.done()).isTrue();
        assertThat(report.samples()).hasSize(4);
        DirtySample longest = report.samples().get(3);
        assertThat(longest.transport().receivedBytes()).isGreaterThan(1 << 20);
        assertThat(longest.transport().receivedRingBytes()).isGreaterThan(0);
        assertThat(longest.transport().ringPages()).isEqualTo(1); // the receiver's position
        assertThat(longest.written() == null).isEqualTo(report.method() == null);
        List<JsonObject> estimates = out.objects("estimates");
        assertThat(estimates).hasSize(4);
        assertThat(estimates.get(0).decimal("overhead")).isEqualTo(1.0);
        assertThat(estimates.get(1).flag("available")).isEqualTo(report.method() != null);
    }

    @Test
    void shouldShowUnavailableAndNeverNothing() {
        DirtySample sample = new DirtySample(1_000_000_000, new TransportPages(5, 0, 0, 81_920, 0, 0), null);
        DirtyReport report = new DirtyReport(true, 1000, null, "the kernel does not count", List.of(sample));

        assertThat(CostTable.measured(report))
                .contains("is unavailable (the kernel does not count)")
                .containsPattern("1\\.00 s +unavailable +unavailable +unavailable +5 +81\\.9 kB/s +20 +20\n");
        assertThat(CostScenarios.of(report, Long.MAX_VALUE))
                .containsEntry("as it is", null)
                .containsKey("only what it receives, at most");
        assertThat(CostTable.json(java.util.Collections.singletonMap("as it is", null)))
                .allMatch(e -> !e.has("totalNs"));
    }
}
