package org.xenvmc.migration.agent;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.xenvmc.migration.journal.JournalEvent;
import org.xenvmc.migration.json.JsonObject;

/** Events as lines for people: time, seconds since the line before, what happened. For one thread. */
final class Timeline {
    private Instant before;

    String line(JournalEvent event) {
        double gapS =
                before == null ? 0 : Duration.between(before, event.time()).toNanos() / 1e9;
        before = event.time();
        return String.format(
                Locale.ROOT, "%-27s %+9.3f s  %-15s %s", event.time(), gapS, event.kind(), sentence(event));
    }

    private static String sentence(JournalEvent event) {
        JsonObject d = event.data();
        try {
            return switch (event.kind()) {
                case Events.VM_JOINED ->
                    "VM " + d.number("domId") + " (pid " + d.number("pid") + ", " + d.text("uuid") + ")";
                case Events.VM_LEFT ->
                    "VM " + d.number("domId") + " (pid " + d.number("pid") + ", " + d.text("uuid") + "): "
                            + d.text("how");
                case Events.REGION ->
                    d.text("file") + " " + d.text("how") + ": " + d.number("bytes") + " bytes, " + d.number("places")
                            + " places, epoch " + Long.toHexString(d.number("epoch"));
                case Events.SWITCH ->
                    d.text("direction") + " " + d.text("local") + " - " + d.text("remote") + " to " + d.text("to")
                            + position(d);
                case Events.HOOK ->
                    d.text("call") + " of " + d.text("id")
                            + (d.flag("accepted") ? " accepted" : " REFUSED: " + d.text("detail"))
                            + ms(d);
                case Events.STEP ->
                    d.text("id") + ": " + d.text("step") + ms(d)
                            + (d.has("error") && !d.text("error").isEmpty() ? " FAILED: " + d.text("error") : "");
                case Events.MIGRATION ->
                    d.text("id") + ": " + d.text("outcome")
                            + (d.text("error", "").isEmpty() ? "" : " (" + d.text("error") + ")") + " in "
                            + d.number("wallMs") + " ms";
                default -> d.toString();
            };
        } catch (IOException e) {
            return d.toString(); // written by another version
        }
    }

    private static String position(JsonObject d) throws IOException {
        return d.has("position")
                ? " at byte " + d.number("position")
                : ", " + d.number("switches") + " switches between bytes " + d.number("from") + " and "
                        + d.number("until");
    }

    private static String ms(JsonObject d) throws IOException {
        return d.has("ms") ? String.format(Locale.ROOT, " (%.1f ms)", d.decimal("ms")) : "";
    }
}
