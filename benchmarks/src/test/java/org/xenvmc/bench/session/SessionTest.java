package org.xenvmc.bench.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.ring.RingKind;
import org.xenvmc.bench.workload.WorkloadKind;

class SessionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    void shouldMeasureRoundAfterRoundBetweenTwoProcesses() throws Exception {
        try (WorkDirectory directory = WorkDirectory.create();
                Session session = SocketContender.JDK.open(environment(directory), "test")) {
            Round first = session.round(Task.of(WorkloadKind.REQUEST_RESPONSE, 1), SHORT);
            Round second = session.round(Task.of(WorkloadKind.STREAM_SEND, 1000), SHORT);
            assertThat(first.operationsPerSecond()).isPositive();
            assertThat(second.bytesPerSecond()).isPositive();
        }
    }

    @Test
    void shouldMeasureARingBetweenTwoProcesses() throws Exception {
        try (WorkDirectory directory = WorkDirectory.create();
                Session session =
                        new RingContender(RingKind.AGRONA, 64 * 1024, 64).open(environment(directory), "test")) {
            Round round = session.round(Task.of(WorkloadKind.STREAM_SEND, 64), SHORT);
            assertThat(round.operationsPerSecond()).isPositive();
        }
    }

    @Test
    void shouldPassJvmArgumentsToTheProcesses() throws Exception {
        try (WorkDirectory directory = WorkDirectory.create()) {
            BenchEnvironment environment = new BenchEnvironment(directory, List.of("-XX:No{figure}{role}"));
            assertThatThrownBy(() -> SocketContender.JDK.open(environment, "Fig"))
                    .isInstanceOf(MeasurementException.class)
                    .hasMessageContaining("Fig/jdk/server")
                    .hasMessageContaining("NoFigserver");
        }
    }

    @Test
    void shouldReportWhatAWorkerCannotDo() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start("w", List.of())) {
            assertThatThrownBy(() -> worker.call(Message.of("dance"), LIMIT))
                    .hasMessageContaining("process w (pid " + worker.pid() + ")")
                    .hasMessageContaining("unknown command 'dance'");
            assertThatThrownBy(() -> worker.call(Message.of("drive"), LIMIT)).hasMessageContaining("workload");
        }
    }

    @Test
    void shouldReportAWorkerThatDied() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start("w", List.of())) {
            ProcessHandle.of(worker.pid()).orElseThrow().destroyForcibly();
            assertThatThrownBy(() -> worker.await(LIMIT)).hasMessageContaining("ended unexpectedly with exit code");
        }
    }

    @Test
    void shouldReportAWorkerThatDoesNotAnswer() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start("w", List.of())) {
            assertThatThrownBy(() -> worker.await(Duration.ofMillis(1))).hasMessageContaining("within 1 ms");
        }
    }

    @Test
    void shouldEndWorkersWhenClosed() throws Exception {
        WorkerProcess worker = WorkerProcess.start("w", List.of());
        ProcessHandle process = ProcessHandle.of(worker.pid()).orElseThrow();
        worker.close();
        assertThat(process.onExit()).succeedsWithin(LIMIT);
    }

    @Test
    void shouldRemoveTheDirectoryWithItsContent() throws Exception {
        Path inside;
        try (WorkDirectory directory = WorkDirectory.create()) {
            inside = directory.newPath("x");
            Files.createDirectories(inside.resolve("y"));
        }
        assertThat(inside.getParent()).doesNotExist();
    }

    @Test
    void shouldRemoveOnlyWhatAKilledRunHasLeft(@TempDir Path parent) throws Exception {
        long alive = ProcessHandle.current().pid();
        Path abandoned = oldDirectory(parent.resolve("xenvmc-bench-999999999999-1"));
        Path used = oldDirectory(parent.resolve("xenvmc-bench-" + alive + "-1"));
        Path other = oldDirectory(parent.resolve("xenvmc-bench-999999999999-1x"));
        Path recent = Files.createDirectory(parent.resolve("xenvmc-bench-999999999999-2"));
        try (WorkDirectory directory = WorkDirectory.create(parent)) {
            assertThat(directory.newPath("x").getParent()).isDirectory();
        }
        assertThat(abandoned).doesNotExist();
        assertThat(used).isDirectory();
        assertThat(other).isDirectory();
        assertThat(recent).isDirectory();
    }

    private static Path oldDirectory(Path path) throws IOException {
        Files.createDirectories(path.resolve("content"));
        return Files.setLastModifiedTime(path, FileTime.from(Instant.EPOCH));
    }

    @Test
    void shouldTakeWhatTheJvmPrintsForNoAnswer() throws Exception {
        try (WorkerProcess worker = WorkerProcess.start("w", List.of("-Xlog:gc*"))) {
            assertThatThrownBy(() -> worker.call(Message.of("dance"), LIMIT)).hasMessageContaining("'dance'");
        }
    }

    @Test
    void shouldNoticeThatTheSidesCountedDifferently() {
        Round round = new Round(Message.ok().with("bytes", 10), Message.ok().with("bytes", 9));
        assertThatThrownBy(round::checked).hasMessageContaining("10 bytes").hasMessageContaining("9");
    }

    @Test
    void shouldKeepBusyNeighboursAliveUntilClosed() throws Exception {
        BusyNeighbours busy = BusyNeighbours.start(1);
        busy.requireAlive();
        busy.close();
        await().atMost(LIMIT).untilAsserted(() -> assertThatThrownBy(busy::requireAlive)
                .hasMessageContaining("before the measurement did"));
    }

    private static BenchEnvironment environment(WorkDirectory directory) {
        return new BenchEnvironment(directory, List.of());
    }
}
