package org.xenvmc.migration.cost;

import java.util.Map;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * What was written within one time.
 *
 * @param ns length of the time
 * @param transport what the connections wrote, from their positions
 * @param written different pages that the process wrote, by kind of mapping, as the kernel counts; a kind that it
 *     cannot count is
 *     missing; null where it can count nothing
 */
public record DirtySample(long ns, TransportPages transport, Map<MappingKind, Long> written) {
    JsonObject toJson() {
        JsonObject out = new JsonObject()
                .put("ns", ns)
                .put("ringPages", transport.ringPages())
                .put("sentBytes", transport.sentBytes())
                .put("sentRingBytes", transport.sentRingBytes())
                .put("receivedBytes", transport.receivedBytes())
                .put("receivedRingBytes", transport.receivedRingBytes())
                .put("copiedPagesAtMost", transport.copiedPages())
                .put("socketPagesAtMost", transport.socketPages())
                .put("closedConnections", transport.closedConnections());
        for (MappingKind kind : MappingKind.values()) {
            out.put(name(kind), written == null ? null : written.get(kind));
        }
        return out;
    }

    static DirtySample of(JsonObject json) throws JsonException {
        Map<MappingKind, Long> written = new java.util.EnumMap<>(MappingKind.class);
        for (MappingKind kind : MappingKind.values()) {
            if (json.has(name(kind))) {
                written.put(kind, json.number(name(kind)));
            }
        }
        TransportPages transport = new TransportPages(
                json.number("ringPages"),
                json.number("sentBytes"),
                json.number("sentRingBytes"),
                json.number("receivedBytes"),
                json.number("receivedRingBytes"),
                json.number("closedConnections"));
        return new DirtySample(json.number("ns"), transport, written.isEmpty() ? null : written);
    }

    private static String name(MappingKind kind) {
        return switch (kind) {
            case HEAP -> "heapPages";
            case SHARED_MEMORY -> "sharedMemoryPages";
            case REST -> "restPages";
        };
    }
}
