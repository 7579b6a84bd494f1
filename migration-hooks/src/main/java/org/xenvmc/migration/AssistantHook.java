package org.xenvmc.migration;

import java.io.IOException;
import org.xenvmc.transport.SwitchReport;

/** Turns the assistant's exceptions into answers, and holds callers to the migration that they mean. */
final class AssistantHook implements MigrationHook {
    @FunctionalInterface
    private interface Step {
        SwitchReport run() throws IOException;
    }

    private final LiveMigrationAssistant assistant;

    AssistantHook(LiveMigrationAssistant assistant) {
        this.assistant = assistant;
    }

    @Override
    public Answer prepare(MigrationNotice notice) {
        return answer(() -> assistant.prepare(notice));
    }

    @Override
    public Answer finish(String migrationId) {
        return answer(() -> {
            expect(migrationId);
            return assistant.finishMigration();
        });
    }

    @Override
    public Answer aborted(String migrationId) {
        return answer(() -> {
            expect(migrationId);
            assistant.aborted();
            return null;
        });
    }

    @Override
    public Answer resumed(String migrationId, String newHost) {
        return answer(() -> {
            expect(migrationId);
            String host = newHost == null ? assistant.oldHost() : newHost;
            if (host == null) {
                assistant.aborted(); // it was on no host before and needs none now
            } else {
                assistant.resumed(host);
            }
            return null;
        });
    }

    private void expect(String migrationId) {
        MigrationNotice current = assistant.notice();
        if (current == null || !current.id().equals(migrationId)) {
            String known = current == null ? "none is" : "migration " + current.id() + " is";
            throw new IllegalStateException("migration " + migrationId + " is not under way, " + known + "; phase "
                    + assistant.phase() + ": " + assistant.phase().explanation());
        }
    }

    private Answer answer(Step step) {
        try {
            SwitchReport report = step.run();
            return new Answer(true, assistant.phase(), report, "");
        } catch (IOException | RuntimeException e) {
            String detail = e.getMessage() == null ? e.toString() : e.getMessage();
            return new Answer(false, assistant.phase(), null, detail);
        }
    }
}
