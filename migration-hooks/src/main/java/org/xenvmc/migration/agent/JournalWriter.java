package org.xenvmc.migration.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.xenvmc.migration.journal.Journal;
import org.xenvmc.migration.journal.JournalException;
import org.xenvmc.migration.json.JsonObject;

/**
 * Writes to the journal what happens; nothing that happens may fail because it cannot be written. What is lost is counted,
 * and said in the journal as soon as it can be written again. Thread-safe.
 */
final class JournalWriter {
    private static final Logger LOG = System.getLogger(JournalWriter.class.getName());

    private final Journal journal;
    private long lost; // guarded by this: events since the last one that was written

    JournalWriter(Journal journal) {
        this.journal = journal;
    }

    synchronized void write(String kind, JsonObject data) {
        try {
            if (lost > 0) {
                journal.append(Events.GAP, new JsonObject().put("events", lost));
                LOG.log(Level.WARNING, "the journal is written again; {0} events are lost", lost);
                lost = 0;
            }
            journal.append(kind, data);
        } catch (JournalException e) {
            if (lost++ == 0) {
                LOG.log(Level.ERROR, "events are lost: {0}", e.getMessage());
            }
        }
    }
}
