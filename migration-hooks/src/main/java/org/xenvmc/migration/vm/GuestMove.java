package org.xenvmc.migration.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.hook.RemoteHook;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationPlan;
import org.xenvmc.migration.qmp.MigrationSteps;
import org.xenvmc.migration.qmp.QemuMigration;
import org.xenvmc.migration.qmp.SharedDevice;

/**
 * One live migration of a guest between two QEMU processes, by the parts that {@code ./xenvmc migrate --qmp} has: the guest
 * itself answers on its port {@code org.xenvmc.control} (it needs {@code -Dxenvmc.migration.sources=control}). Used by one
 * thread; interrupting it rolls back.
 */
public final class GuestMove implements AutoCloseable {
    /** Guests under emulation on a busy machine are slow. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(20);
    private static final Duration OVERALL_LIMIT = Duration.ofMinutes(3);
    private static final long LITTLE_BYTES = 32 << 20;

    private final Guest source;
    private final Guest destination;
    private final MigrationPlan plan;
    private final SharedDevice deviceThere;
    private Guest present;

    private GuestMove(Guest source, Guest destination, MigrationPlan plan, SharedDevice deviceThere) {
        this.source = source;
        this.destination = destination;
        this.plan = plan;
        this.deviceThere = deviceThere;
        this.present = source;
    }

    /** How a guest is to be moved, once it is known over which URI. */
    @FunctionalInterface
    public interface Planning {
        /** The plan of a migration with this id to this URI. */
        MigrationPlan plan(String id, String uri);
    }

    /** A plan with limits that suit an emulated guest. */
    public static Planning planning(MigrationMode order, long bytesPerSecond) {
        return (id, uri) -> new MigrationPlan(
                id,
                uri,
                order,
                LEAVE_LIMIT,
                bytesPerSecond,
                MigrationPlan.DOWNTIME_LIMIT_MS,
                LITTLE_BYTES,
                MigrationPlan.PAPERS_ROUNDS,
                OVERALL_LIMIT);
    }

    /**
     * Starts the process to which the guest is going to be moved.
     *
     * @param name name of the guest there, unique among those of the host
     * @param regionThere shared memory of where it goes to; the same as before, or another
     */
    public static GuestMove begin(VmHost host, Guest guest, String name, Path regionThere, Planning planning)
            throws IOException {
        Path socket = host.folder().resolve(name + ".migration");
        Files.deleteIfExists(socket);
        String uri = "unix:" + socket;
        Guest destination = host.successor(guest, name, uri);
        return new GuestMove(
                guest,
                destination,
                planning.plan(UUID.randomUUID().toString(), uri),
                Guest.device(regionThere, guest.setup().migrated()));
    }

    /** The process that waits for the guest. */
    public Guest destination() {
        return destination;
    }

    /** What is going to be done. */
    public MigrationPlan plan() {
        return plan;
    }

    /**
     * Moves the guest, or leaves it where it is. Both processes go on until this object is closed.
     *
     * @return the report of {@link QemuMigration#run}, and as "destination" what became of the process there
     * @throws IOException when the guest does not answer on its port, and then nothing has happened
     */
    public JsonObject run(MigrationSteps steps) throws IOException {
        try (RemoteHook here = RemoteHook.connect(source.control(), ANSWER_LIMIT);
                There there = new There()) {
            JsonObject report = new QemuMigration(
                            plan,
                            source.machine(),
                            Optional.of(new QemuMigration.Destination(
                                    destination.machine(), there, Optional.of(deviceThere))),
                            Optional.of(source.device()),
                            here,
                            steps)
                    .run();
            if (report.text("outcome").startsWith("COMPLETED")) {
                present = destination;
                destination.use(deviceThere);
            }
            report.put("destination", destination.fate());
            return report;
        }
    }

    /** The line to the guest where it runs afterwards. */
    private final class There implements QemuMigration.GuestThere, AutoCloseable {
        private RemoteHook hook;

        @Override
        public MigrationHook find() throws IOException {
            if (hook == null) {
                hook = RemoteHook.connect(destination.control(), ANSWER_LIMIT);
            }
            return hook;
        }

        @Override
        public void close() {
            if (hook != null) {
                hook.close();
            }
        }
    }

    /** Where the guest runs now. */
    public Guest guest() {
        return present;
    }

    /** Ends the process in which the guest is not. */
    @Override
    public void close() throws IOException {
        (present == source ? destination : source).close();
    }
}
