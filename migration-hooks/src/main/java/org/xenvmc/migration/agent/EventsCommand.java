package org.xenvmc.migration.agent;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.journal.JournalEvent;
import org.xenvmc.migration.journal.JournalReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code events}: what the journal says. */
@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Replays the journal of an agent as a timeline, also while it is written and after the agent died:",
            "time, seconds since the event before, what happened."
        })
final class EventsCommand implements Callable<Integer> {
    private static final long LOOK_AGAIN_MS = 100;

    @Spec
    private CommandSpec spec;

    @Option(names = "--journal", paramLabel = "DIR", description = "Where the journal is. Default: ~/.xenvmc/journal.")
    private Path journal;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "Only from a time on (2026-01-31T12:00:00Z, 90s, 10m, 2h).")
    private String since;

    @Option(names = "--kind", paramLabel = "KIND", description = "Only events of this kind, such as switch.")
    private String kind;

    @Option(names = "--follow", description = "Go on with what happens, until Ctrl-C or until nobody reads the output.")
    private boolean follow;

    @Option(names = "--json", description = "One line of JSON for each event.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant from = Instant.MIN;
        if (since != null) {
            try {
                from = Since.parse(since, Instant.now());
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--since: " + e.getMessage(), e);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        Timeline timeline = new Timeline();
        try (JournalReader reader = JournalReader.open(Places.journal(journal))) {
            while (true) {
                Optional<JournalEvent> event = reader.next();
                if (event.isPresent()) {
                    if (isWanted(event.get(), from)) {
                        out.println(json ? event.get().toJson() : timeline.line(event.get()));
                    }
                } else if (!follow || out.checkError()) { // checkError writes out what is buffered
                    out.flush();
                    return 0;
                } else {
                    Thread.sleep(LOOK_AGAIN_MS);
                }
            }
        }
    }

    private boolean isWanted(JournalEvent event, Instant from) {
        return !event.time().isBefore(from) && (kind == null || kind.equals(event.kind()));
    }
}
