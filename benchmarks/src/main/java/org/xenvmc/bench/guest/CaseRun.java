package org.xenvmc.bench.guest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * One case, run once.
 *
 * @param id of the scenario
 * @param time when, ISO 8601
 * @param environment accelerator, network, processors: figures mean something only beside this
 * @param error why it could not be measured; empty when it could
 * @param figures what was found, by name
 * @param series pairs of milliseconds since the beginning and bytes sent by then, in turn
 */
record CaseRun(
        String id, String time, String environment, String error, Map<String, Double> figures, List<Long> series) {
    static final String TOTAL_MS = "totalMs";
    static final String DOWNTIME_MS = "downtimeMs";
    static final String PAGES = "pages";
    static final String ZERO_PAGES = "zeroPages";
    static final String FIRST_ROUND_PAGES = "firstRoundPages";
    static final String FIRST_ROUND_MS = "firstRoundMs";
    static final String ROUNDS = "rounds";
    static final String SENT_BYTES = "sentBytes";
    static final String RECEIVED_BYTES = "receivedBytes";
    static final String RECEIVED_PER_SECOND = "receivedBytesPerSecond";
    static final String RING_BYTES = "ringBytes";
    /** How long the guest took to answer that it is prepared, and that it has left shared memory. */
    static final String PREPARE_MS = "prepareMs";

    static final String LEAVE_MS = "leaveMs";
    static final String BANDWIDTH = "bandwidthBytesPerSecond";
    static final String DOWNTIME_LIMIT_MS = "downtimeLimitMs";
    static final String MAILS = "mails";
    static final String MAILS_LOST = "mailsLost";
    static final String MAILS_TWICE = "mailsTwice";
    static final String MAILS_MS = "mailsMs";
    /** 1 when the guest was stopped by the limit of rounds. */
    static final String FORCED = "stoppedByLimitOfRounds";

    CaseRun {
        figures = new LinkedHashMap<>(figures);
        series = List.copyOf(series);
    }

    /** A case that could not be measured. */
    static CaseRun failed(String id, String time, String environment, String error) {
        return new CaseRun(id, time, environment, error, Map.of(), List.of());
    }

    boolean failed() {
        return !error.isEmpty();
    }

    OptionalDouble figure(String name) {
        Double value = figures.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    JsonObject toJson() {
        JsonObject numbers = new JsonObject();
        figures.forEach(numbers::put);
        return new JsonObject()
                .put("id", id)
                .put("time", time)
                .put("environment", environment)
                .put("error", error)
                .put("figures", numbers)
                .put("series", series);
    }

    static CaseRun of(JsonObject json) throws JsonException {
        Map<String, Double> figures = new LinkedHashMap<>();
        JsonObject numbers = json.object("figures");
        for (String name : numbers.names()) {
            figures.put(name, numbers.decimal(name));
        }
        return new CaseRun(
                json.text("id"),
                json.text("time"),
                json.text("environment"),
                json.text("error"),
                figures,
                new ArrayList<>(json.numbers("series")));
    }
}
