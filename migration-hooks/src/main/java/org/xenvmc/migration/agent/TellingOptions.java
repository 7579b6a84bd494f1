package org.xenvmc.migration.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.xenvmc.migration.journal.Journal;
import picocli.CommandLine.Option;

/** Options of commands that tell a guest about its migration. */
final class TellingOptions {
    @Option(
            names = "--limit-ms",
            paramLabel = "MS",
            description = "Longest time that the guest may take to leave shared memory. Default: ${DEFAULT-VALUE}.")
    private long limitMs = 10_000;

    @Option(names = "--journal", paramLabel = "DIR", description = "Write to this journal, too.")
    private Path journal;

    Duration leaveLimit() {
        return Duration.ofMillis(limitMs);
    }

    /** The journal, to be closed; null when none was asked for. */
    Journal openJournal() throws IOException {
        return journal == null ? null : Journal.open(Places.journal(journal), Journal.DEFAULT_MAX_BYTES);
    }
}
