package org.xenvmc.migration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.transport.ReasonCode;

class FlightRecorderTest extends Metered {
    private final Recording recording = new Recording();

    @TempDir
    private Path dir;

    @Override
    void before() {
        recording.enable("org.xenvmc.ConnectionStatistics").withPeriod(Duration.ofMillis(100));
        recording.start();
    }

    private List<RecordedEvent> events(String name) throws Exception {
        Path file = dir.resolve("x.jfr");
        recording.dump(file);
        List<RecordedEvent> found = new ArrayList<>();
        for (RecordedEvent e : RecordingFile.readAllEvents(file)) {
            if (e.getEventType().getName().equals("org.xenvmc." + name)) {
                found.add(e);
            }
        }
        return found;
    }

    @Test
    void shouldRecordChangesRefusalsLossesAndPhases() throws Exception {
        String local = near.getLocalAddress().toString().replaceFirst(".*/", "");
        client.engine().setEnabled(false);
        awaitPath(org.xenvmc.transport.Path.FRAMED_TCP);
        LiveMigrationAssistant assistant = LiveMigrationAssistant.of(client.engine());
        assistant.prepare(new MigrationNotice("m-1", "/dev/shm/unused", MigrationMode.KEEP, Duration.ofSeconds(1)));
        assistant.aborted();

        List<RecordedEvent> upgrades = events("Upgrade");
        assertThat(upgrades).hasSize(4).allMatch(e -> e.getLong("ringCapacityBytes") == 64 * 1024);
        assertThat(upgrades)
                .filteredOn(e -> e.getString("local").equals(local))
                .extracting(e -> e.getString("direction"))
                .containsExactlyInAnyOrder("sending", "receiving");
        assertThat(events("Downgrade"))
                .hasSize(4)
                .allMatch(e -> e.getLong("byMemoryBytes") > 0 && e.getLong("offset") > 0)
                .anyMatch(e -> e.getString("reason").equals("SWITCHED_OFF"));
        assertThat(events("Refused"))
                .anyMatch(e ->
                        e.getString("local").equals(local) && e.getInt("reasonCode") == ReasonCode.SWITCHED_OFF.code());
        assertThat(events("MigrationPhase"))
                .extracting(e -> e.getString("from") + " " + e.getString("to") + " " + e.getString("host"))
                .containsExactly("SETTLED PRE_COPY " + host.name(), "PRE_COPY SETTLED " + host.name());
        assertThat(events("ConnectionLost")).isEmpty();
        recording.close();
    }

    @Test
    void shouldRecordOpenConnectionsPeriodically() throws Exception {
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(events("ConnectionStatistics"))
                .anyMatch(e -> e.getString("sendingPath").equals("SHARED_MEMORY")
                        && e.getLong("sentBytes") > 0
                        && e.getString("remote")
                                .endsWith(String.valueOf(listener.socket().getLocalPort()))));
        recording.close();
    }
}
