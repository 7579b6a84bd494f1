package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.hook.RecordingHook;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.QemuMigration.Destination;

/** Two scripted QEMUs and a guest that is migrated from the one to the other. */
final class MigrationScene implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    static final String DEL = "device_del {\"id\":\"ivs0\"}";
    static final String OBJECT_DEL = "object-del {\"id\":\"m0\"}";
    static final String PREPARE_EARLY = "prepare EARLY 20000 null";
    static final String PREPARE_KEEP = "prepare KEEP 20000 null";

    final RecordingHook guest = new RecordingHook();
    final RecordingHook there = new RecordingHook();
    /** Called at the source. */
    MigrationHook asked = guest;

    final List<String> steps = new ArrayList<>();
    final ScriptedMigration source;
    final ScriptedMigration destination;

    MigrationScene(Path dir) throws IOException {
        source = new ScriptedMigration(dir.resolve("a"));
        destination = new ScriptedMigration(dir.resolve("b"));
    }

    JsonObject run(MigrationMode order) throws Exception {
        MigrationPlan plan = new MigrationPlan(
                "m1", "unix:/there", order, LIMIT, 32 << 20, 300, 20 << 20, MigrationPlan.PAPERS_ROUNDS, LIMIT);
        SharedDevice device = new SharedDevice(
                "ivs0", "m0", Path.of("/dev/shm/region"), 16 << 20, "rp0", order == MigrationMode.KEEP);
        try (QemuMachine a = QemuMachine.connect(source.qemu.path(), LIMIT);
                QemuMachine b = QemuMachine.connect(destination.qemu.path(), LIMIT)) {
            return new QemuMigration(
                            plan,
                            a,
                            Optional.of(new Destination(b, () -> there)),
                            Optional.of(device),
                            asked,
                            (step, details) -> steps.add(step))
                    .run();
        }
    }

    static List<String> plugs(ScriptedMigration machine) {
        return machine.qemu.commands.stream()
                .filter(c -> c.startsWith("device_") || c.startsWith("object-"))
                .map(c -> c.startsWith("device_add") ? "plug" : c.startsWith("object-add") ? "memory" : c)
                .toList();
    }

    static void expect(JsonObject report, MigrationOutcome outcome, String error) throws IOException {
        assertThat(report.text("outcome")).as("%s", report).isEqualTo(outcome.name());
        assertThat(report.text("error")).contains(error);
    }

    /** What was set, in order. */
    List<String> parameters() {
        return source.qemu.commands.stream()
                .filter(c -> c.startsWith("migrate-set-parameters "))
                .map(c -> c.substring("migrate-set-parameters ".length()))
                .toList();
    }

    @Override
    public void close() throws IOException {
        source.close();
        destination.close();
    }
}
