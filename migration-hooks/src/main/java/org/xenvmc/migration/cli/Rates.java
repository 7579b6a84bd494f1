package org.xenvmc.migration.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/** What happened per second between two looks at a host. Used by one thread. */
final class Rates {
    private static final String[] COUNTERS = {"bytes", "ringBytes", "sleeps", "wakeUps"};
    private static final double NS_PER_S = TimeUnit.SECONDS.toNanos(1);

    private Map<String, JsonObject> before = Map.of();
    private long beforeNs;

    /**
     * Adds to each direction of a survey what it did per second since the last survey: {@code bytesPerSecond} and so on.
     * Connections that were not there then get none.
     *
     * @param takenNs when the survey was taken, of {@link System#nanoTime()}
     */
    void add(JsonObject survey, long takenNs) throws JsonException {
        double seconds = (takenNs - beforeNs) / NS_PER_S;
        Map<String, JsonObject> now = new HashMap<>();
        for (JsonObject vm : survey.objects("vms")) {
            if (vm.has("error")) {
                continue;
            }
            for (JsonObject c : vm.objects("connections")) {
                String key = vm.text("uuid") + " " + c.text("local") + " " + c.text("remote");
                for (String direction : new String[] {"sending", "receiving"}) {
                    JsonObject d = c.object(direction);
                    JsonObject last = before.get(key + direction);
                    if (last != null && seconds > 0) {
                        add(d, last, seconds);
                    }
                    now.put(key + direction, d);
                }
            }
        }
        before = now;
        beforeNs = takenNs;
    }

    private static void add(JsonObject now, JsonObject before, double seconds) throws JsonException {
        for (String counter : COUNTERS) {
            long grown = now.number(counter) - before.number(counter);
            // fewer than before: another connection between the same ports
            now.put(counter + "PerSecond", grown < 0 ? now.number(counter) / seconds : grown / seconds);
        }
    }
}
