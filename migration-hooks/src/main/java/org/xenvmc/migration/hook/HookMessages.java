package org.xenvmc.migration.hook;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.SwitchReport;

/** How the calls of a {@link MigrationHook} and their answers look on a line (docs/migration.md, "The control line"). */
final class HookMessages {
    /** Longest line that either end sends. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    static final int VERSION = 1;
    static final String HELLO = "hello";
    static final String PREPARE = "prepare";
    static final String FINISH = "finish";
    static final String ABORTED = "aborted";
    static final String RESUMED = "resumed";

    private static final long MAX_LIMIT_MS = 3_600_000;
    private static final int MAX_DETAIL_CHARS = 2_000;

    private HookMessages() {}

    static JsonObject hello() {
        return new JsonObject().put("call", HELLO);
    }

    static JsonObject prepare(MigrationNotice notice) {
        return call(PREPARE, notice.id())
                .put("mode", notice.mode().name().toLowerCase(Locale.ROOT))
                .put("limitMs", notice.limit().toMillis())
                .put("to", notice.targetHost());
    }

    static JsonObject call(String name, String migrationId) {
        return new JsonObject().put("call", name).put("id", migrationId);
    }

    static JsonObject resumed(String migrationId, String newHost) {
        return call(RESUMED, migrationId).put("host", newHost);
    }

    /** Carries out a call that came over a line; the answer lacks its {@code seq}. */
    static JsonObject carryOut(JsonObject call, MigrationHook hook) {
        try {
            String name = call.text("call");
            if (name.equals(HELLO)) {
                return new JsonObject()
                        .put("accepted", true)
                        .put("version", VERSION)
                        .put("pid", ProcessHandle.current().pid());
            }
            String id = call.text("id");
            return switch (name) {
                case PREPARE -> answer(hook.prepare(notice(call, id)));
                case FINISH -> answer(hook.finish(id));
                case ABORTED -> answer(hook.aborted(id));
                case RESUMED -> answer(hook.resumed(id, call.text("host", null)));
                default -> refusal("'" + name + "' is no call; known are hello, prepare, finish, aborted, resumed");
            };
        } catch (IOException | IllegalArgumentException e) {
            return refusal(e.getMessage());
        }
    }

    private static MigrationNotice notice(JsonObject call, String id) throws JsonException {
        long limitMs = call.has("limitMs") ? call.number("limitMs") : MigrationNotice.DEFAULT_LIMIT.toMillis();
        if (limitMs < 1 || limitMs > MAX_LIMIT_MS) {
            throw new IllegalArgumentException("limitMs " + limitMs + " is not between 1 and " + MAX_LIMIT_MS);
        }
        String mode = call.text("mode", "keep");
        for (MigrationMode m : MigrationMode.values()) {
            if (m.name().equalsIgnoreCase(mode)) {
                return new MigrationNotice(id, call.text("to", null), m, Duration.ofMillis(limitMs));
            }
        }
        throw new IllegalArgumentException("mode '" + mode + "' is neither keep nor early");
    }

    static JsonObject refusal(String why) {
        return new JsonObject().put("accepted", false).put("detail", shorten(why));
    }

    private static JsonObject answer(Answer a) {
        JsonObject json = new JsonObject().put("accepted", a.accepted()).put("phase", a.phase());
        if (a.report() != null) {
            json.put("connections", connections(a.report()));
        }
        return json.put("detail", shorten(a.detail()));
    }

    private static String shorten(String text) {
        String some = text == null ? "" : text;
        return some.length() <= MAX_DETAIL_CHARS ? some : some.substring(0, MAX_DETAIL_CHARS) + "...";
    }

    static JsonObject connections(SwitchReport r) {
        return new JsonObject()
                .put("connections", r.connections())
                .put("moved", r.moved())
                .put("lost", r.lost())
                .put("drainedBytes", r.drainedBytes())
                .put("durationNs", r.durationNs());
    }

    /** Reads an answer; the other end may have sent anything. */
    static Answer answer(JsonObject json) throws JsonException {
        SwitchReport report = null;
        if (json.has("connections")) {
            JsonObject c = json.object("connections");
            report = new SwitchReport(
                    (int) c.number("connections"),
                    (int) c.number("moved"),
                    (int) c.number("lost"),
                    c.number("drainedBytes"),
                    c.number("durationNs"));
        }
        return new Answer(json.flag("accepted"), phase(json.text("phase", "")), report, json.text("detail", ""));
    }

    private static MigrationPhase phase(String name) throws JsonException {
        if (name.isEmpty()) {
            return null;
        }
        try {
            return MigrationPhase.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new JsonException("'" + name + "' is no phase of a migration");
        }
    }
}
