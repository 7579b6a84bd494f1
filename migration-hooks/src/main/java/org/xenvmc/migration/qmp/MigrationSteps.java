package org.xenvmc.migration.qmp;

import org.xenvmc.migration.json.JsonObject;

/** Told what happens in a migration, by the thread that drives it, in order. Must not block for long. */
@FunctionalInterface
public interface MigrationSteps {
    /**
     * A step was done, or failed.
     *
     * @param step prepare, finish, detach, migrate, pass, release, continue, completed, attach, resumed, failed, cancel,
     *     restore, re-attach, aborted
     * @param details its figures, and "error" where it failed
     */
    void step(String step, JsonObject details);
}
