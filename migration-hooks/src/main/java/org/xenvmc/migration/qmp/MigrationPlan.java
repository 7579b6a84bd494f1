package org.xenvmc.migration.qmp;

import java.time.Duration;
import java.util.Objects;
import org.xenvmc.migration.MigrationMode;

/**
 * How a guest is to be migrated.
 *
 * @param id names the migration
 * @param uri where the destination's QEMU listens, in QEMU's words, such as {@code tcp:host:4444}
 * @param order keep (shared memory until little remains to be copied) or early (TCP before anything is copied)
 * @param limit how long the guest may take to leave shared memory
 * @param bytesPerSecond bandwidth of the migration, 0 for what QEMU has set
 * @param downtimeLimitMs QEMU's downtime limit once the guest has answered
 * @param littleBytes the guest is told to leave when no more than this remains (order keep)
 * @param maxRounds it is told so after this many rounds in any case (the paper: 29)
 * @param overall the migration is given up when it takes longer
 */
public record MigrationPlan(
        String id,
        String uri,
        MigrationMode order,
        Duration limit,
        long bytesPerSecond,
        long downtimeLimitMs,
        long littleBytes,
        long maxRounds,
        Duration overall) {

    /** Pre-copy rounds after which the paper stops. */
    public static final long PAPERS_ROUNDS = 29;

    /** QEMU's own default. */
    public static final long DOWNTIME_LIMIT_MS = 300;

    /** Checks the values. */
    public MigrationPlan {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(uri, "uri");
        Objects.requireNonNull(order, "order");
        if (bytesPerSecond < 0 || downtimeLimitMs < 1 || littleBytes < 1 || maxRounds < 1) {
            throw new IllegalArgumentException("bandwidth, downtime limit, rest and rounds have to be positive");
        }
    }
}
