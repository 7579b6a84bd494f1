package org.xenvmc.migration.agent;

import java.util.function.Supplier;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.json.JsonObject;

/** Passes calls on and writes down what was answered. */
final class JournaledHook implements MigrationHook {
    private final MigrationHook hook;
    private final JournalWriter journal;

    JournaledHook(MigrationHook hook, JournalWriter journal) {
        this.hook = hook;
        this.journal = journal;
    }

    @Override
    public Answer prepare(MigrationNotice notice) {
        return note("prepare", notice.id(), () -> hook.prepare(notice));
    }

    @Override
    public Answer finish(String migrationId) {
        return note("finish", migrationId, () -> hook.finish(migrationId));
    }

    @Override
    public Answer aborted(String migrationId) {
        return note("aborted", migrationId, () -> hook.aborted(migrationId));
    }

    @Override
    public Answer resumed(String migrationId, String newHost) {
        return note("resumed", migrationId, () -> hook.resumed(migrationId, newHost));
    }

    private Answer note(String call, String migrationId, Supplier<Answer> action) {
        long startNs = System.nanoTime();
        Answer answer = action.get();
        JsonObject event = new JsonObject()
                .put("call", call)
                .put("id", migrationId)
                .put("accepted", answer.accepted())
                .put("ms", (System.nanoTime() - startNs) / 1e6);
        if (answer.report() != null) {
            event.put("connections", answer.report().connections())
                    .put("moved", answer.report().moved())
                    .put("lost", answer.report().lost());
        }
        journal.write(Events.HOOK, event.put("detail", answer.detail()));
        return answer;
    }
}
