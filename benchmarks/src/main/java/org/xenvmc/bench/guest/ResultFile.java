package org.xenvmc.bench.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.json.JsonObject;

/**
 * Results as JSON, {@code {"runs": [...]}}: a case that is run again is added, so that an experiment can be made piece by piece.
 */
final class ResultFile {
    private static final String RUNS = "runs";

    private final Path file;

    ResultFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /** What is there; nothing if the file is not. */
    List<CaseRun> read() throws IOException {
        List<CaseRun> runs = new ArrayList<>();
        if (Files.exists(file)) {
            for (JsonObject run : JsonObject.parse(Files.readString(file)).objects(RUNS)) {
                runs.add(CaseRun.of(run));
            }
        }
        return runs;
    }

    /** Adds one; the file is complete at any time. */
    void add(CaseRun run) throws IOException {
        List<CaseRun> runs = read();
        runs.add(run);
        Path draft = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
        try {
            JsonObject all = new JsonObject()
                    .put(RUNS, runs.stream().map(CaseRun::toJson).toList());
            Files.writeString(draft, all.toIndentedText() + "\n");
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
