package org.xenvmc.migration.hook;

/**
 * Watches one place for news of migrations, on threads of its own, and passes them to a {@link
 * org.xenvmc.migration.MigrationHook} until it is closed. A place that is not there, or goes away, is looked for again.
 */
public interface MigrationSource extends AutoCloseable {
    /** What it watches, for people. */
    String name();

    /** Stops watching; a call of the hook that is under way ends by itself. Idempotent. */
    @Override
    void close();
}
