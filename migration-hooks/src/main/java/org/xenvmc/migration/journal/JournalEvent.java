package org.xenvmc.migration.journal;

import java.time.Instant;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * One thing that happened.
 *
 * @param time when, by the clock of whoever wrote it, in milliseconds
 * @param kind what, such as vm-joined
 * @param data its particulars
 */
public record JournalEvent(Instant time, String kind, JsonObject data) {
    private static final String TIME = "time";
    private static final String KIND = "kind";
    private static final String DATA = "data";

    /** As one line of JSON. */
    public JsonObject toJson() {
        return new JsonObject().put(TIME, time.toString()).put(KIND, kind).put(DATA, data);
    }

    static JournalEvent parse(String text) throws JsonException {
        JsonObject json = JsonObject.parse(text);
        try {
            return new JournalEvent(Instant.parse(json.text(TIME)), json.text(KIND), json.object(DATA));
        } catch (java.time.format.DateTimeParseException e) {
            throw new JsonException("'" + json.text(TIME) + "' is no time");
        }
    }
}
