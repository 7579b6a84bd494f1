package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.data.Percentage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.cost.PreCopyEstimate.Outcome;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * Estimates against what QEMU then reports of real migrations, of machines that dirty their pages at a known rate. The time
 * compared is the one that the bandwidth limit sets, not how fast this machine is.
 */
@Tag("once")
class QemuMigrationTest {
    private static final int PAGES = 8_000;
    private static final int WORKING = 2_500;
    private static final long BANDWIDTH = 16 << 20; // 4,088 pages of 4,104 bytes per second
    private static final int DOWNTIME_MS = 250;
    private static final double PERCENT = 15;
    private static final int ATTEMPTS = 3;

    @TempDir
    private Path dir;

    @BeforeEach
    void needsQemu() {
        boolean there = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(p -> Files.isExecutable(Path.of(p, QemuMachine.BINARY)));
        Assumptions.assumeTrue(there, "needs QEMU: apt-get install qemu-system-x86");
    }

    private static PreCopyEstimate estimate(DirtyModel model) {
        StopRule rule = StopRule.qemu(Duration.ofMillis(DOWNTIME_MS));
        return new PreCopy(PAGES, PreCopy.QEMU_BYTES_PER_PAGE, BANDWIDTH, rule, 0).estimate(model);
    }

    private static JsonObject awaitStatus(QemuMachine machine, String status) {
        JsonObject[] last = {null};
        Awaitility.await("migration " + status)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    last[0] = machine.migration();
                    return last[0].text("status").equals(status) && !isEmptyYet(last[0], status);
                });
        return last[0];
    }

    /** QEMU says "completed" a moment before it has added up what it sent. */
    private static boolean isEmptyYet(JsonObject migration, String status) throws IOException {
        return status.equals("completed") && migration.object("ram").number("normal") == 0;
    }

    /** What QEMU reported of one migration of a machine that writes so many pages again and again. */
    private JsonObject migrate(int working, int pagesPerSecond) throws Exception {
        try (QemuMachine from = QemuMachine.running(dir, PAGES, working, pagesPerSecond);
                QemuMachine to = from.destination(PAGES)) {
            from.migrate(BANDWIDTH, DOWNTIME_MS);
            JsonObject seen = awaitStatus(from, "completed");
            assertThat(to.migration().text("status")).isEqualTo("completed");
            return seen;
        }
    }

    /**
     * The estimate is of a machine and a network that do what they are told. Where QEMU or the guest did not get the processor to keep
     * up with that, nothing can be compared.
     */
    private void compare(int working, int pagesPerSecond, DirtyModel model) throws Exception {
        PreCopyEstimate expected = estimate(model);
        JsonObject seen = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            seen = migrate(working, pagesPerSecond);
            if (close(seen.number("total-time") * 1e6, expected.totalNs().getAsLong())
                    && close(
                            seen.object("ram").number("normal"),
                            expected.pagesSent().getAsLong())) {
                return;
            }
        }
        Assumptions.assumeTrue(
                close(seen.number("total-time") * 1e6, expected.totalNs().getAsLong()),
                "this machine is too busy to migrate as fast as QEMU is told to: " + seen);
        assertThat(seen.object("ram").number("normal"))
                .as("pages sent, of %s", seen)
                .isCloseTo(expected.pagesSent().getAsLong(), Percentage.withPercentage(PERCENT));
    }

    private static boolean close(double seen, double expected) {
        return Math.abs(seen - expected) <= expected * PERCENT / 100;
    }

    @Test
    void shouldForetellTheMigrationOfAnIdleMachine() throws Exception {
        compare(0, 0, DirtyModel.idle());
    }

    /**
     * 8,000 pages take 1.96 s, in which all 2,500 are written; then 0.6 of what a round sent are written in the next.
     */
    @Test
    void shouldForetellTheMigrationOfABusyMachine() throws Exception {
        compare(WORKING, 2_450, DirtyModel.workingSet(WORKING, 2_450));
    }

    /** 2,500 pages take 0.61 s to send and 0.42 s to write. */
    @Test
    void shouldForetellThatAMigrationNeverEnds() throws Exception {
        PreCopyEstimate expected = estimate(DirtyModel.workingSet(WORKING, 6_000));
        assertThat(expected.outcome()).isEqualTo(Outcome.NEVER);
        try (QemuMachine from = QemuMachine.running(dir, PAGES, WORKING, 6_000);
                QemuMachine to = from.destination(PAGES)) {
            from.migrate(BANDWIDTH, DOWNTIME_MS);
            awaitRounds(from, 7);
            JsonObject seen = from.migration();

            assertThat(seen.text("status")).isEqualTo("active");
            // after the round with everything; how much more depends on what processor time the guest got
            assertThat(seen.object("ram").number("normal")).isGreaterThan(PAGES + WORKING);
            assertThat(to.migration().text("status")).isEqualTo("active");
            from.call("migrate_cancel", new JsonObject());
            awaitStatus(from, "cancelled"); // the other machine ends then
        }
    }

    /** QEMU says nothing of memory until it has looked at it. */
    private static long rounds(JsonObject seen) throws JsonException {
        return seen.has("ram") ? seen.object("ram").number("dirty-sync-count") : 0;
    }

    private static void awaitRounds(QemuMachine machine, int rounds) {
        Awaitility.await("rounds")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> rounds(machine.migration()) >= rounds);
    }
}
