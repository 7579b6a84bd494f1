package org.xenvmc.migration.qmp;

import java.io.IOException;
import org.xenvmc.migration.json.JsonObject;

/** The report of a migration that is being driven: each step is timed and told. Used by one thread. */
final class StepReport {
    private final MigrationSteps steps;
    private final JsonObject report = new JsonObject();

    StepReport(MigrationSteps steps) {
        this.steps = steps;
    }

    /** What a step does. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    JsonObject json() {
        return report;
    }

    void tell(String step, JsonObject details) {
        steps.step(step, details);
    }

    void timed(String step, Work work) throws IOException {
        long startNs = System.nanoTime();
        work.run();
        double ms = (System.nanoTime() - startNs) / 1e6;
        report.put(step + "Ms", ms);
        steps.step(step, new JsonObject().put("ms", ms));
    }

    /** A step of the way back, of which the others do not depend; returns whether it succeeded. */
    boolean undo(String step, Work work) {
        try {
            timed(step, work);
            return true;
        } catch (IOException | RuntimeException e) {
            steps.step(step, new JsonObject().put("error", String.valueOf(e.getMessage())));
            return false;
        }
    }

    /** The way there has ended; returns why, for people. */
    String failed(Exception e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        steps.step("failed", new JsonObject().put("error", why));
        return why;
    }
}
