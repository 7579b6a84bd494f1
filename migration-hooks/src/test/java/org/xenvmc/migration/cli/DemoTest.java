package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.world.TestSeed;

/** The whole demo with little data: two JVMs, both paths, moves. */
@Tag("once")
@Timeout(200)
class DemoTest {
    @TempDir
    private Path dir;

    @AfterEach
    void shouldLeaveNothingBehind() throws IOException {
        assertThat(ProcessHandle.current().children().filter(DemoTest::isVm)).isEmpty();
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            String mine = "xenvmc-demo-" + ProcessHandle.current().pid() + "-";
            assertThat(files.filter(f -> f.getFileName().toString().startsWith(mine)))
                    .isEmpty();
        }
    }

    private static boolean isVm(ProcessHandle process) {
        return process.info()
                .arguments()
                .map(a -> List.of(a).contains("demo-vm"))
                .orElse(false);
    }

    private String data() throws IOException {
        byte[] bytes = new byte[3_000_001];
        new Random(TestSeed.next("demo")).nextBytes(bytes);
        return Files.write(dir.resolve("data"), bytes).toString();
    }

    @Test
    void shouldMoveDataWhileAVmMoves() throws IOException {
        Path json = dir.resolve("demo.json");

        Cli cli = Cli.run(
                "demo",
                "--file",
                data(),
                "--moves",
                "2",
                "--rounds",
                "1",
                "--measure-ms",
                "20",
                "--dwell-ms",
                "100",
                "--json",
                json.toString());

        assertThat(cli.exitCode()).as("%s", cli).isZero();
        assertThat(cli.out()).contains("All bytes arrived, once and in order", "shared memory", "TCP, framed");
        JsonObject result = JsonObject.parse(Files.readString(json));
        assertThat(result.flag("succeeded")).isTrue();
        assertThat(result.objects("moves")).hasSize(2).allMatch(m -> m.toString()
                .contains("ARRIVED"));
        assertThat(result.objects("measurements")).hasSize(4);
        assertThat(result.object("received").text("sha256"))
                .isEqualTo(result.object("sent").object("file").text("sha256"));
        assertThat(result.object("received").text("firstPassSha256")).isEqualTo(result.text("fileSha256"));
    }

    @Test
    void shouldEndEverythingByForceWhenItTakesTooLong() throws IOException {
        Cli cli = Cli.run(
                "demo", "--file", data(), "--moves", "2", "--rounds", "1", "--measure-ms", "30000", "--limit", "2");

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(1);
        assertThat(cli.err()).contains("was not over after 2 s");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
