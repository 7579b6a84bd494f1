package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;

/** The commands of one QEMU that a migration needs, by their names in QEMU. Thread-safe. */
public final class QemuMachine implements AutoCloseable {
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final QmpClient qmp;

    /** The machine behind a client, which it closes when it is closed. */
    public QemuMachine(QmpClient qmp) {
        this.qmp = qmp;
    }

    /** Connects to a monitor; see {@link QmpClient#connect}. */
    public static QemuMachine connect(Path socket, Duration limit) throws IOException {
        return new QemuMachine(QmpClient.connect(socket, limit));
    }

    /** The line to it. */
    public QmpClient qmp() {
        return qmp;
    }

    /** {@code migrate-set-capabilities}. */
    public void setCapabilities(Map<String, Boolean> capabilities) throws IOException {
        List<JsonObject> list = new ArrayList<>();
        capabilities.forEach((name, state) ->
                list.add(new JsonObject().put("capability", name).put("state", state)));
        qmp.execute("migrate-set-capabilities", new JsonObject().put("capabilities", list));
    }

    /**
     * {@code migrate-set-parameters}.
     *
     * @param bytesPerSecond bandwidth, 0 for no change
     * @param downtimeLimitMs how long QEMU expects the guest to stand still when it decides that little enough remains
     */
    public void setParameters(long bytesPerSecond, long downtimeLimitMs) throws IOException {
        JsonObject parameters = new JsonObject().put("downtime-limit", downtimeLimitMs);
        if (bytesPerSecond > 0) {
            parameters.put("max-bandwidth", bytesPerSecond);
        }
        qmp.execute("migrate-set-parameters", parameters);
    }

    /**
     * {@code query-migrate-parameters}.
     *
     * @param bytesPerSecond bandwidth
     * @param downtimeLimitMs downtime limit
     */
    public record Parameters(long bytesPerSecond, long downtimeLimitMs) {}

    /** What is set at present. */
    public Parameters parameters() throws IOException {
        JsonObject answer = qmp.execute("query-migrate-parameters", new JsonObject());
        return new Parameters(answer.number("max-bandwidth"), answer.number("downtime-limit"));
    }

    /** {@code migrate}: begins; follow it with {@link #migration()}. */
    public void migrate(String uri) throws IOException {
        qmp.execute("migrate", new JsonObject().put("uri", uri));
    }

    /** {@code migrate-continue}: on from the pause before the switch-over. */
    public void continueMigration() throws IOException {
        qmp.execute("migrate-continue", new JsonObject().put("state", "pre-switchover"));
    }

    /** {@code migrate_cancel}: asks for the end; the guest goes on here. Does nothing when there is no migration. */
    public void cancelMigration() throws IOException {
        qmp.execute("migrate_cancel", new JsonObject());
    }

    /** {@code query-migrate}. */
    public MigrationStatus migration() throws IOException {
        return MigrationStatus.of(qmp.execute("query-migrate", new JsonObject()));
    }

    /**
     * {@code query-memory-size-summary}: the guest's memory in bytes; the largest number when this QEMU does not say.
     */
    public long memoryBytes() throws IOException {
        try {
            return qmp.execute("query-memory-size-summary", new JsonObject()).number("base-memory");
        } catch (QmpException e) {
            return Long.MAX_VALUE;
        }
    }

    /** {@code query-status}: running, paused, prelaunch, inmigrate, postmigrate, ... */
    public String runState() throws IOException {
        return qmp.execute("query-status", new JsonObject()).text("status");
    }

    /**
     * {@code device_del}, and waits until the guest has let it go.
     *
     * @throws IOException when it is not gone within the limit; the guest may still let it go later
     */
    public void unplug(String device, Duration limit) throws IOException {
        try (QmpClient.EventWait deleted = qmp.expect(e -> e.name().equals("DEVICE_DELETED") && isAbout(e, device))) {
            qmp.execute("device_del", new JsonObject().put("id", device));
            try {
                deleted.await(limit);
            } catch (IOException e) {
                throw new IOException("the guest did not let device " + device + " go: " + e.getMessage(), e);
            }
        }
    }

    private static boolean isAbout(QmpEvent event, String device) {
        try {
            return event.data().text("device", "").equals(device);
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code object-del}. */
    public void deleteObject(String id) throws IOException {
        qmp.execute("object-del", new JsonObject().put("id", id));
    }

    /**
     * Waits until QEMU has given up the memory behind a deleted object, which it does some time later. A device that is
     * plugged in with memory of the same name before that ends QEMU, and the guest with it ("RAMBlock already
     * registered, abort!").
     *
     * <p>Source: QEMU's hw/misc/ivshmem.c, ivshmem_exit, and softmmu/physmem.c, qemu_ram_set_idstr.
     *
     * @throws IOException when it is still there after the limit
     */
    public void awaitReleased(String memory, Duration limit) throws IOException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (hasMemory(memory)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(
                        "QEMU has not given up the memory " + memory + " within " + limit.toMillis() + " ms");
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while QEMU gave up the memory " + memory);
            }
        }
    }

    private boolean hasMemory(String name) throws IOException {
        return memoryBlocks()
                .lines()
                .map(l -> l.strip().split("\\s", 2)[0])
                .anyMatch(block -> block.endsWith("/" + name));
    }

    /** A table for people, whose first column are the names. */
    private String memoryBlocks() throws IOException {
        try {
            return qmp.execute("x-query-ramblock", new JsonObject()).text("human-readable-text", "");
        } catch (QmpException e) {
            return qmp.executeText(
                    "human-monitor-command", new JsonObject().put("command-line", "info ramblock")); // before QEMU 6.2
        }
    }

    /** {@code object-add} with a type, an id and further properties. */
    public void addObject(JsonObject properties) throws IOException {
        qmp.execute("object-add", properties);
    }

    /** {@code device_add} with a driver, an id and further properties. */
    public void plug(JsonObject properties) throws IOException {
        qmp.execute("device_add", properties);
    }

    @Override
    public void close() {
        qmp.close();
    }
}
