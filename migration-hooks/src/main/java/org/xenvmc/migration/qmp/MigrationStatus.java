package org.xenvmc.migration.qmp;

import java.util.Set;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * What QEMU's {@code query-migrate} says. Numbers that it does not give are 0.
 *
 * @param status none, setup, active, pre-switchover, device, completed, failed, cancelling, cancelled, ...
 * @param error why it failed; empty when it did not
 * @param totalMs time so far, or in all
 * @param downtimeMs how long the guest stood still
 * @param transferredBytes RAM sent so far
 * @param remainingBytes RAM that is still to be sent
 * @param totalBytes RAM of the guest
 * @param normalPages pages sent with their content
 * @param duplicatePages pages sent as "all the same byte"
 * @param dirtySyncs rounds of pre-copy so far
 * @param dirtyPagesPerSecond how fast the guest dirties pages
 * @param bytesPerSecond how fast RAM is sent
 */
public record MigrationStatus(
        String status,
        String error,
        long totalMs,
        long downtimeMs,
        long transferredBytes,
        long remainingBytes,
        long totalBytes,
        long normalPages,
        long duplicatePages,
        long dirtySyncs,
        long dirtyPagesPerSecond,
        double bytesPerSecond) {

    private static final Set<String> FINAL = Set.of("completed", "failed", "cancelled");
    private static final double BYTES_PER_MEGABIT = 1e6 / 8;

    static MigrationStatus of(JsonObject answer) throws JsonException {
        JsonObject ram = answer.has("ram") ? answer.object("ram") : new JsonObject();
        return new MigrationStatus(
                answer.text("status", "none"),
                answer.text("error-desc", ""),
                number(answer, "total-time"),
                number(answer, "downtime"),
                number(ram, "transferred"),
                number(ram, "remaining"),
                number(ram, "total"),
                number(ram, "normal"),
                number(ram, "duplicate"),
                number(ram, "dirty-sync-count"),
                number(ram, "dirty-pages-rate"),
                ram.has("mbps") ? ram.decimal("mbps") * BYTES_PER_MEGABIT : 0);
    }

    private static long number(JsonObject from, String name) throws JsonException {
        return from.has(name) ? from.number(name) : 0;
    }

    /** Whether the migration has ended, in whatever way. */
    public boolean ended() {
        return FINAL.contains(status);
    }

    /** Whether the guest runs at the destination. */
    public boolean completed() {
        return status.equals("completed");
    }

    /** Whether QEMU has stopped the guest and waits to be told to go on. */
    public boolean paused() {
        return status.equals("pre-switchover");
    }

    /** For reports. */
    public JsonObject toJson() {
        return new JsonObject()
                .put("status", status)
                .put("error", error)
                .put("totalMs", totalMs)
                .put("downtimeMs", downtimeMs)
                .put("transferredBytes", transferredBytes)
                .put("remainingBytes", remainingBytes)
                .put("totalBytes", totalBytes)
                .put("normalPages", normalPages)
                .put("duplicatePages", duplicatePages)
                .put("dirtySyncs", dirtySyncs)
                .put("dirtyPagesPerSecond", dirtyPagesPerSecond)
                .put("bytesPerSecond", bytesPerSecond);
    }
}
