package org.xenvmc.migration.journal;

import java.nio.file.Path;
import org.xenvmc.migration.json.JsonObject;

/** Writes events without end, and says the number of each once it is written. */
public final class JournalChild {
    private JournalChild() {}

    public static void main(String[] args) throws Exception {
        try (Journal journal = Journal.open(Path.of(args[0]), Journal.MIN_MAX_BYTES)) {
            for (int n = 0; ; n++) {
                journal.append("event", new JsonObject().put("n", n));
                System.out.println(n);
            }
        }
    }
}
