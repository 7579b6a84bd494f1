package org.xenvmc.migration;

import java.time.Duration;
import java.util.Objects;

/**
 * The announcement of a migration.
 *
 * @param id names this migration in reports and messages; chosen by whoever announces it
 * @param targetHost where the VM goes, or null when that is not known yet
 * @param mode what connections do during the pre-copy rounds
 * @param limit the longest time that leaving the host may wait for peers; a connection whose bytes are not delivered by
 *     then ends with {@link org.xenvmc.transport.ConnectionLostException}
 */
public record MigrationNotice(String id, String targetHost, MigrationMode mode, Duration limit) {
    /** Limit when none is given. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

    /** Checks the values. */
    public MigrationNotice {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mode, "mode");
        if (id.isBlank()) {
            throw new IllegalArgumentException("a migration needs an id");
        }
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("limit " + limit + " is not positive");
        }
    }
}
