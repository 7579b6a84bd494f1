package org.xenvmc.migration.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

class DemoResultTest {
    private final JsonObject file = new JsonObject()
            .put("bytes", 1000)
            .put("passes", 2)
            .put("durationNs", 1_000_000)
            .put("sha256", "aa")
            .put("firstPassSha256", "ff")
            .put("segments", List.of(segment("TCP", 100), segment("SHARED_MEMORY", 500), segment("FRAMED_TCP", 400)));
    private final JsonObject requests = new JsonObject()
            .put("count", 7)
            .put("wrong", 0)
            .put(
                    "paths",
                    List.of(new JsonObject()
                            .put("path", "TCP")
                            .put("count", 7)
                            .put("p50Ns", 1)
                            .put("p99Ns", 2)
                            .put("maxNs", 3)));
    private final JsonObject received = new JsonObject()
            .put("bytes", 1000)
            .put("sha256", "aa")
            .put("firstPassSha256", "ff")
            .put("meanWaitNs", 10)
            .put("pauses", List.of(new JsonObject().put("to", "SHARED_MEMORY").put("ns", 4_000_000)));
    private final List<JsonObject> moves = new ArrayList<>();
    private final Measurements measurements = new Measurements();

    DemoResultTest() throws JsonException {
        moves.add(move("ARRIVED", 0));
        measurements.add("JDK", measured(1e9, 20_000, 0));
        measurements.add("JDK", measured(3e9, 10_000, 0));
        measurements.add("SHARED_MEMORY", measured(4e9, 1_000, 0));
        measurements.add("SHARED_MEMORY", measured(12e9, 3_000, 0));
    }

    private static JsonObject segment(String path, long bytes) {
        return new JsonObject()
                .put("path", path)
                .put("reason", "NONE")
                .put("bytes", bytes)
                .put("durationNs", 1000);
    }

    private static JsonObject move(String outcome, long lost) {
        return new JsonObject()
                .put("to", "/dev/shm/x-b")
                .put("outcome", outcome)
                .put("error", "no room")
                .put("preCopyNs", 1)
                .put("leaveNs", 2)
                .put("joinNs", 3)
                .put(
                        "connections",
                        new JsonObject().put("connections", 2).put("lost", lost).put("drainedBytes", 0));
    }

    private static JsonObject measured(double rate, long p50Ns, long wrong) {
        return new JsonObject()
                .put("bytesPerSecond", rate)
                .put("p50Ns", p50Ns)
                .put("p99Ns", 2 * p50Ns)
                .put("wrong", wrong);
    }

    private DemoResult result() {
        DemoPlan plan = new DemoPlan(Path.of("/data"), 1, 2, 100, 100, Duration.ofSeconds(10));
        JsonObject sent = new JsonObject().put("file", file).put("requests", requests);
        return new DemoResult(plan, "ff", measurements, sent, received, moves, 12.3);
    }

    @Test
    void shouldSucceedWhenEverythingAgrees() throws JsonException {
        assertThat(result().problems()).isEmpty();
        assertThat(DemoReport.render(result()))
                .contains("All bytes arrived, once and in order, over 2 changes of path");
        assertThat(result().toJson().flag("succeeded")).isTrue();
    }

    @Test
    void shouldCompareWithTheJdkByMedians() throws JsonException {
        assertThat(measurements.throughputRatio("SHARED_MEMORY")).isEqualTo(4);
        assertThat(measurements.latencyRatio("SHARED_MEMORY")).isEqualTo(7.5);
        assertThat(measurements.rounds()).isEqualTo(2);
        assertThat(DemoReport.render(result())).contains("8.00 GB/s", "4.00 GB .. 12.0 GB", "7.50x");
    }

    @ParameterizedTest
    @CsvSource({
        "bytes,999,bytes sent and received differ: 1000 and 999",
        "sha256,bb,SHA-256 of what was sent and received differ",
        "firstPassSha256,bb,SHA-256 of the file and of its first copy differ"
    })
    void shouldFailWhenSomethingElseArrived(String member, String value, String problem) throws JsonException {
        received.put(member, member.equals("bytes") ? (Object) Long.valueOf(value) : value);

        assertThat(result().problems()).singleElement().asString().contains(problem);
        assertThat(DemoReport.render(result())).contains("PROBLEM: ", "The demo FAILED");
        assertThat(result().toJson().flag("succeeded")).isFalse();
    }

    @Test
    void shouldFailWhenAnAnswerIsWrong() throws JsonException {
        requests.put("wrong", 1);
        measurements.add("JDK", measured(1e9, 20_000, 2));

        assertThat(result().problems()).containsExactly("3 answers differ from their requests");
    }

    @Test
    void shouldFailWhenAMoveDidNotArriveOrLostConnections() throws JsonException {
        moves.add(move("RETURNED", 0));
        moves.add(move("ARRIVED", 2));

        assertThat(result().problems())
                .containsExactly(
                        "the move to /dev/shm/x-b ended as RETURNED: no room",
                        "the move to /dev/shm/x-b lost 2 connections");
    }

    @Test
    void shouldFailWhenAPathWasNeverTaken() throws JsonException {
        file.put("segments", List.of(segment("TCP", 100), segment("FRAMED_TCP", 900)));

        assertThat(result().problems()).containsExactly("nothing of the file went by SHARED_MEMORY");
    }

    @Test
    void shouldShortenLongLists() throws JsonException {
        List<JsonObject> segments = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            segments.add(segment(i % 2 == 0 ? "SHARED_MEMORY" : "FRAMED_TCP", 1000));
            moves.add(move("ARRIVED", 0));
        }
        file.put("segments", segments);

        String text = DemoReport.render(result());

        assertThat(text).contains("40 more, in the file of --json", "... and 41 more", "all on shared memory");
        assertThat(text.lines().count()).isLessThan(90);
    }
}
