package org.xenvmc.migration.agent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * Finds switches of paths between two looks at a VM's connections, and the byte position of each: what was sent by memory
 * between the looks came before the switch, or after it, according to its direction. Where there was more than one switch,
 * only the range is known. For one thread.
 */
final class SwitchLog {
    private record Direction(String path, long bytes, long ringBytes, long switches) {}

    private Map<String, Direction> known = new HashMap<>();

    /** The switches of a VM since the last look at it; its connections as {@code stat} answers. */
    List<JsonObject> look(List<JsonObject> connections) throws JsonException {
        List<JsonObject> found = new ArrayList<>();
        Map<String, Direction> now = new HashMap<>();
        for (JsonObject c : connections) {
            for (String side : new String[] {"sending", "receiving"}) {
                JsonObject d = c.object(side);
                Direction direction =
                        new Direction(d.text("path"), d.number("bytes"), d.number("ringBytes"), d.number("switches"));
                String key = c.text("local") + " " + c.text("remote") + " " + side;
                now.put(key, direction);
                Direction before = known.getOrDefault(key, new Direction("TCP", 0, 0, 0));
                if (direction.switches() > before.switches()) {
                    JsonObject event = new JsonObject()
                            .put("local", c.text("local"))
                            .put("remote", c.text("remote"))
                            .put("direction", side)
                            .put("to", direction.path())
                            .put("reason", d.text("reason"));
                    found.add(position(event, before, direction));
                }
            }
        }
        known = now;
        return found;
    }

    private static JsonObject position(JsonObject event, Direction before, Direction now) {
        long byMemory = now.ringBytes() - before.ringBytes();
        long switches = now.switches() - before.switches();
        if (switches == 1) {
            boolean toMemory = now.path().equals("SHARED_MEMORY");
            return event.put("position", toMemory ? now.bytes() - byMemory : before.bytes() + byMemory);
        }
        return event.put("switches", switches).put("from", before.bytes()).put("until", now.bytes());
    }
}
