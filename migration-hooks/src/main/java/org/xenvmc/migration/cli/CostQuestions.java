package org.xenvmc.migration.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.cost.DirtyReport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;

/** Has a VM measure its dirty pages. */
final class CostQuestions {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final long EVERY_MS = 100;

    private CostQuestions() {}

    /** Starts a measurement and waits for its end. */
    static DirtyReport measure(ControlClient client, int domId, Duration length)
            throws IOException, InterruptedException {
        String question = new JsonObject()
                .put("id", UUID.randomUUID().toString())
                .put("lengthMs", length.toMillis())
                .toString();
        long deadlineNs = System.nanoTime() + length.plus(ANSWER_LIMIT).toNanos();
        while (true) {
            DirtyReport report = DirtyReport.of(
                    JsonObject.parse(Questions.ask(client, domId, "dirty-pages", question, ANSWER_LIMIT)));
            if (report.done()) {
                return report;
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("VM " + domId + " did not end its measurement within " + length.toSeconds()
                        + " s and " + ANSWER_LIMIT.toSeconds() + " more; it is very busy");
            }
            TimeUnit.MILLISECONDS.sleep(EVERY_MS);
        }
    }
}
