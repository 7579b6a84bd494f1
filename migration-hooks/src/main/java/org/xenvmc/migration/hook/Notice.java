package org.xenvmc.migration.hook;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.UUID;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;

/**
 * A migration of which only its beginning and its end are heard: shared memory is left at the first news, because nobody
 * says when the VM is going to be stopped. For one thread.
 */
final class Notice {
    private static final Logger LOG = System.getLogger(Notice.class.getName());

    private final String source;
    private final MigrationHook hook;
    private final Duration limit;
    private String id; // of the migration for which the VM has left its host, else null

    Notice(String source, MigrationHook hook, Duration limit) {
        this.source = source;
        this.hook = hook;
        this.limit = limit;
    }

    /** Whether the VM has left its host and waits for the end. */
    boolean isUnderWay() {
        return id != null;
    }

    /**
     * The VM is going to be moved.
     *
     * @return whether it may be: shared memory was left
     */
    boolean begin() {
        String migration = source + "-" + UUID.randomUUID();
        Answer answer = hook.prepare(new MigrationNotice(migration, null, MigrationMode.EARLY, limit));
        if (answer.accepted()) {
            answer = hook.finish(migration);
            if (!answer.accepted()) {
                hook.aborted(migration);
            }
        }
        if (answer.accepted()) {
            id = migration;
            LOG.log(Level.INFO, "{0} announces a migration: connections are on TCP", source);
        } else {
            LOG.log(Level.WARNING, "{0} announces a migration, refused: {1}", source, answer.detail());
        }
        return answer.accepted();
    }

    /** It is over, or was called off: the VM runs. Tried again with the next call when the host cannot be joined. */
    boolean end() {
        Answer answer = hook.resumed(id, null);
        if (answer.accepted()) {
            id = null;
            LOG.log(Level.INFO, "{0} says that the migration is over: shared memory is used again", source);
        } else {
            LOG.log(Level.WARNING, "{0} says that the migration is over, but: {1}", source, answer.detail());
        }
        return answer.accepted();
    }
}
