package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.nio.file.Path;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.ScriptedQemu.Refusal;

/**
 * A source QEMU whose migration goes on by one look at a time: memory becomes less down to a rest, which is reached
 * again in every round because the guest dirties it; it switches over once the rest can be sent within the downtime
 * limit, as QEMU does.
 */
final class ScriptedMigration implements AutoCloseable {
    private static final long TOTAL = 512L << 20;
    private static final long FULL_SPEED = 32 << 20;

    final ScriptedQemu qemu;
    private String status = "none"; // guarded by this, as is everything below
    private String error = "";
    private long remaining;
    private long syncs;
    private int releases = 3;
    private long downtimeMs = 300;
    private long bytesPerSecond = 134_217_728;
    private long rest = 8L << 20;
    private long step = TOTAL >> 2;
    private volatile long memoryBytes = TOTAL;

    ScriptedMigration(Path socket) throws IOException {
        qemu = new ScriptedQemu(socket)
                .on("migrate-set-capabilities", a -> null)
                .on("migrate-set-parameters", this::parameters)
                .on("query-migrate-parameters", a -> queryParameters())
                .on("query-memory-size-summary", a -> new JsonObject().put("base-memory", memoryBytes))
                .on("migrate", a -> begin())
                .on("query-migrate", a -> look())
                .on("migrate-continue", a -> goOn())
                .on("migrate_cancel", a -> cancel())
                .on("object-del", a -> null)
                .on("x-query-ramblock", a -> new JsonObject().put("human-readable-text", blocks()))
                .on("object-add", a -> null)
                .on("device_add", a -> null);
        qemu.on("device_del", a -> {
            qemu.event("DEVICE_DELETED", new JsonObject().put("device", a.text("id")));
            return null;
        });
    }

    /** As QEMU 7.2 prints it: memory whose object was deleted is there for a while. */
    private synchronized String blocks() {
        String rows = "              Block Name    PSize              Offset               Used\n"
                + "                  pc.ram    4 KiB  0x0000000000000000 0x0000000020000000\n";
        return releases-- > 0 ? rows + " 0000:00:02.0:00.0/m0    4 KiB  0x0000000020000000 0x0000000001000000\n" : rows;
    }

    private synchronized Object parameters(JsonObject a) throws org.xenvmc.migration.json.JsonException {
        downtimeMs = a.number("downtime-limit");
        bytesPerSecond = a.has("max-bandwidth") ? a.number("max-bandwidth") : bytesPerSecond;
        return null;
    }

    private synchronized Object queryParameters() {
        return new JsonObject().put("downtime-limit", downtimeMs).put("max-bandwidth", bytesPerSecond);
    }

    private synchronized Object begin() {
        status = "active";
        remaining = TOTAL;
        return null;
    }

    /** The next look finds this. */
    synchronized void become(String newStatus, String newError) {
        status = newStatus;
        error = newError;
    }

    /** From now on the guest dirties so much in every round, and a look at full speed sees so much copied. */
    synchronized void memory(long restBytes, long bytesPerLook) {
        rest = restBytes;
        step = bytesPerLook;
    }

    /** From now on the guest seems to be this small. */
    void small(long bytes) {
        memoryBytes = bytes;
    }

    /** It has no limit of bandwidth set. */
    synchronized void unlimited() {
        bytesPerSecond = 0;
    }

    synchronized long remaining() {
        return remaining;
    }

    synchronized long downtimeMs() {
        return downtimeMs;
    }

    private synchronized JsonObject look() {
        if (status.equals("active")) {
            remaining = Math.max(rest, remaining - step * Math.min(bytesPerSecond, FULL_SPEED) / FULL_SPEED);
            if (remaining == rest) {
                syncs++;
                if (rest * 1000 <= bytesPerSecond * downtimeMs) {
                    status = "pre-switchover";
                }
            }
        }
        return new JsonObject()
                .put("status", status)
                .put("error-desc", error)
                .put("total-time", 1234)
                .put("downtime", 56)
                .put(
                        "ram",
                        new JsonObject()
                                .put("total", TOTAL)
                                .put("remaining", remaining)
                                .put("transferred", TOTAL)
                                .put("normal", 1000)
                                .put("dirty-sync-count", syncs + 1)
                                .put("mbps", 800.5));
    }

    private synchronized Object goOn() throws Refusal {
        if (!status.equals("pre-switchover")) {
            throw new Refusal("Migration not in expected state: 2");
        }
        status = "completed";
        return null;
    }

    private synchronized Object cancel() {
        if (status.equals("active") || status.equals("pre-switchover")) {
            status = "cancelled";
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        qemu.close();
    }
}
