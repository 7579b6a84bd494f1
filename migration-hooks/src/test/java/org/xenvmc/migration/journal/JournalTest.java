package org.xenvmc.migration.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.openhft.chronicle.queue.rollcycles.TestRollCycles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.mixed.SmallDisk;

/** The journal: while it is written, after a crash, at its limit, on a full disk. */
@Tag("journal")
class JournalTest {
    private static final long MAX_BYTES = Journal.MIN_MAX_BYTES;
    private static final int BEFORE_KILL = 50;

    @TempDir
    private Path dir;

    /** A clock that is set. */
    private static final class SetClock extends Clock {
        private Instant now = Instant.parse("2026-01-31T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private static List<Long> numbers(JournalReader reader) throws IOException {
        List<Long> found = new ArrayList<>();
        for (Optional<JournalEvent> e = reader.next(); e.isPresent(); e = reader.next()) {
            found.add(e.get().data().number("n"));
        }
        return found;
    }

    @Test
    void shouldBeReadWhileItIsWritten() throws Exception {
        Path journal = dir.resolve("journal");
        try (Journal writing = Journal.open(journal, MAX_BYTES)) {
            writing.append("first", new JsonObject().put("n", 1).put("text", "ä \"quoted\" \n line"));
            try (JournalReader reader = JournalReader.open(journal)) {
                JournalEvent first = reader.next().orElseThrow();
                assertThat(first.kind()).isEqualTo("first");
                assertThat(first.data().text("text")).isEqualTo("ä \"quoted\" \n line");
                assertThat(first.time()).isBeforeOrEqualTo(Instant.now());
                assertThat(reader.next()).isEmpty();

                writing.append("second", new JsonObject().put("n", 2));

                assertThat(reader.next().orElseThrow().kind()).isEqualTo("second");
                assertThat(reader.next()).isEmpty();
            }
        }
    }

    @Test
    void shouldGoOnWhereItWasClosed() throws Exception {
        for (int n = 0; n < 3; n++) {
            try (Journal writing = Journal.open(dir, MAX_BYTES)) {
                writing.append("event", new JsonObject().put("n", n));
            }
        }
        try (JournalReader reader = JournalReader.open(dir)) {
            assertThat(numbers(reader)).containsExactly(0L, 1L, 2L);
        }
    }

    @Test
    void shouldTakeTheEventsOfSeveralWriters() throws Exception {
        try (Journal one = Journal.open(dir, MAX_BYTES);
                Journal two = Journal.open(dir, MAX_BYTES);
                JournalReader reader = readerAfter(one)) {
            for (int n = 1; n < 100; n++) {
                (n % 2 == 0 ? one : two).append("event", new JsonObject().put("n", n));
            }
            assertThat(numbers(reader)).hasSize(100).isSorted();
        }
    }

    private JournalReader readerAfter(Journal journal) throws IOException {
        journal.append("event", new JsonObject().put("n", 0));
        return JournalReader.open(dir);
    }

    @Test
    void shouldForgetTheOldest() throws Exception {
        SetClock clock = new SetClock();
        try (Journal writing = Journal.open(dir, MAX_BYTES, clock, TestRollCycles.TEST_SECONDLY)) {
            for (int n = 0; n < 60; n++) {
                writing.append("event", new JsonObject().put("n", n));
                clock.now = clock.now.plusSeconds(1);
            }
            long bytes = 0;
            for (Path file : Journal.files(dir)) {
                bytes += Files.size(file);
            }
            assertThat(bytes).isLessThanOrEqualTo(MAX_BYTES);
            try (JournalReader reader = JournalReader.open(dir, TestRollCycles.TEST_SECONDLY)) {
                List<Long> left = numbers(reader);
                assertThat(left).endsWith(58L, 59L).doesNotContain(0L).isSorted();
                assertThat(left).hasSize((int) (59 - left.get(0) + 1));
            }
        }
    }

    @Test
    void shouldKeepWhatAKilledWriterHadWritten() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JournalChild.class.getName(), dir + ""));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long acknowledged = -1;
        try (BufferedReader out = child.inputReader()) {
            while (acknowledged < BEFORE_KILL) {
                acknowledged = Long.parseLong(out.readLine());
            }
            child.toHandle().destroyForcibly(); // and what it said before can still be read
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                acknowledged = Math.max(acknowledged, Long.parseLong(line));
            }
        }
        child.waitFor();

        try (JournalReader reader = JournalReader.open(dir)) {
            List<Long> found = numbers(reader);
            assertThat(found)
                    .hasSizeBetween((int) acknowledged + 1, (int) acknowledged + 2)
                    .isSorted();
        }
        try (Journal again = Journal.open(dir, MAX_BYTES)) {
            again.append("event", new JsonObject().put("n", Integer.MAX_VALUE));
        }
        try (JournalReader reader = JournalReader.open(dir)) {
            assertThat(numbers(reader)).endsWith((long) Integer.MAX_VALUE);
        }
    }

    @Test
    void shouldSayThatTheDiskIsFullAndGoOnLater() throws Exception {
        SmallDisk disk = SmallDisk.mount(dir.resolve("disk"), "24m", "rw");
        try {
            Path journal = dir.resolve("disk").resolve("journal");
            try (Journal writing = Journal.open(journal, MAX_BYTES)) {
                writing.append("event", new JsonObject().put("n", 1));
                disk.fill();
                assertThatThrownBy(() -> writing.append("event", new JsonObject().put("n", 2)))
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("disk is full")
                        .hasMessageContaining(journal.toString());
                assertThatThrownBy(() -> Journal.open(journal.resolve("other"), MAX_BYTES))
                        .hasMessageContaining("disk is full");
                disk.free();
                writing.append("event", new JsonObject().put("n", 3));
            }
            try (JournalReader reader = JournalReader.open(journal)) {
                assertThat(numbers(reader)).containsExactly(1L, 3L);
            }
        } finally {
            disk.unmount();
        }
    }

    @Test
    void shouldSayThatThereIsNoJournal() {
        assertThatThrownBy(() -> JournalReader.open(dir.resolve("none")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("there is no journal in " + dir.resolve("none"));
        assertThatThrownBy(() -> JournalReader.open(dir)).hasMessageContaining("there is no journal");
    }
}
