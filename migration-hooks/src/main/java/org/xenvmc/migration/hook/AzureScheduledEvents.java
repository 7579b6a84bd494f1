package org.xenvmc.migration.hook;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * Azure's Scheduled Events: a {@code Freeze} of this VM (a live migration, or an update that keeps its memory) is
 * announced up to 15 minutes before; once the VM has left shared memory, the event is told to start, which ends the wait
 * for its time. It is over when the event is no longer listed. Asked once a second, as Azure recommends.
 */
public final class AzureScheduledEvents implements MigrationSource {
    /** Where the metadata server is inside a VM. */
    public static final String SERVER = "http://169.254.169.254";

    private static final String EVENTS = "/metadata/scheduledevents?api-version=2020-07-01";
    private static final String OWN_NAME = "/metadata/instance/compute/name?api-version=2021-02-01&format=text";
    private static final String FREEZE = "Freeze";
    /** The first answer ever may take two minutes, because it switches the service on. */
    private static final Duration READ_LIMIT = Duration.ofSeconds(130);

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(30);

    private final MetadataServer server;
    private final Notice notice;
    private final Watcher watcher;
    private final Duration interval;
    private String ownName; // as events name this VM
    private TreeSet<String> handled = new TreeSet<>(); // ids of events that were acted on and are still listed

    private AzureScheduledEvents(String base, Duration interval, MigrationHook hook) {
        server = new MetadataServer(base, "Metadata", "true");
        notice = new Notice("azure", hook, LEAVE_LIMIT);
        this.interval = interval;
        watcher = new Watcher("azure scheduled events", interval, this::round);
    }

    /** Begins to watch the server at this address, such as {@link #SERVER}. */
    public static AzureScheduledEvents watch(String server, MigrationHook hook) {
        return watch(server, INTERVAL, hook);
    }

    static AzureScheduledEvents watch(String server, Duration interval, MigrationHook hook) {
        AzureScheduledEvents source = new AzureScheduledEvents(server, interval, hook);
        source.watcher.start();
        return source;
    }

    private void round() throws IOException, InterruptedException {
        if (ownName == null) {
            ownName = server.get(OWN_NAME, READ_LIMIT).body().strip();
        }
        JsonObject document = JsonObject.parse(server.get(EVENTS, READ_LIMIT).body());
        List<JsonObject> freezes = new ArrayList<>();
        TreeSet<String> listed = new TreeSet<>();
        for (JsonObject event : document.objects("Events")) {
            if (event.text("EventType", "").equals(FREEZE) && isAboutUs(event)) {
                freezes.add(event);
                listed.add(event.text("EventId"));
            }
        }
        if (notice.isUnderWay() && freezes.isEmpty()) {
            notice.end(); // asked again in the next round when that fails
        }
        handled.retainAll(listed);
        for (JsonObject freeze : freezes) {
            freeze(freeze);
        }
        watcher.pause(interval);
    }

    private boolean isAboutUs(JsonObject event) throws JsonException {
        return event.texts("Resources").stream().anyMatch(ownName::equalsIgnoreCase);
    }

    private void freeze(JsonObject event) throws IOException {
        String id = event.text("EventId");
        if (!handled.contains(id)) {
            if (!notice.isUnderWay() && !notice.begin()) {
                handled.add(id); // refused: the event comes when its time has come
                return;
            }
            if (event.text("EventStatus", "").equals("Scheduled")) {
                JsonObject start = new JsonObject().put("EventId", id);
                server.post(
                        EVENTS,
                        new JsonObject().put("StartRequests", List.of(start)).toString(),
                        READ_LIMIT);
            }
            handled.add(id);
        }
    }

    @Override
    public String name() {
        return watcher.name();
    }

    @Override
    public void close() {
        watcher.close();
        server.close();
    }
}
