package org.xenvmc.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
    @TempDir
    private Path folder;

    @Test
    void shouldHaveAllThatWasAddedWhenItIsRead() throws IOException {
        Path file = folder.resolve("results.json");
        CaseRun one = Samples.run("idle.w32", 6675.5, 54_842);
        CaseRun two = CaseRun.failed("mail.4x1.tcp", "2026-01-01T00:00:00Z", "KVM", "it \"failed\"\nbadly");
        new ResultFile(file).add(one);
        new ResultFile(file).add(two);
        new ResultFile(file).add(one);
        assertThat(new ResultFile(file).read()).containsExactly(one, two, one);
        assertThat(Files.list(folder)).containsExactly(file);
    }

    @Test
    void shouldHaveNothingWhenThereIsNoFile() throws IOException {
        assertThat(new ResultFile(folder.resolve("none.json")).read()).isEmpty();
    }

    @Test
    void shouldKeepTheFileWhenItIsNoneOfOurs() throws IOException {
        Path file = Files.writeString(folder.resolve("other.json"), "[1, 2]");
        assertThatThrownBy(() -> new ResultFile(file).add(Samples.run("link", 1, 1)))
                .isInstanceOf(IOException.class);
        assertThat(file).hasContent("[1, 2]");
    }

    @Test
    void shouldSplitWhatWasSentIntoHalfMinutes() {
        List<Long> series = List.of(500L, 10L, 29_999L, 100L, 30_000L, 130L, 95_000L, 131L);
        assertThat(Buckets.of(series)).containsExactly(100L, 30L, 0L, 1L);
        assertThat(Buckets.text(List.of(10L, 2_400_000L, 31_000L, 2_900_000L))).isEqualTo("2/1");
    }
}
