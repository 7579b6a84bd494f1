package org.xenvmc.migration.hook;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.xenvmc.migration.MigrationHook;

/**
 * Google Compute Engine's notice of host maintenance: the metadata key {@code instance/maintenance-event} changes 60
 * seconds before a live migration, and back when it is over, but only if somebody has asked for the key since the last
 * one: it is therefore asked for without pause, each request waiting for a change.
 */
public final class GoogleMaintenance implements MigrationSource {
    /** Where the metadata server is inside a VM; an address, so that no name server is needed. */
    public static final String SERVER = "http://169.254.169.254";

    private static final Logger LOG = System.getLogger(GoogleMaintenance.class.getName());
    private static final String PATH = "/computeMetadata/v1/instance/maintenance-event";
    private static final String MIGRATE = "MIGRATE_ON_HOST_MAINTENANCE";
    private static final String NONE = "NONE";
    private static final long WAIT_S = 60;
    private static final Duration FIRST_LIMIT = Duration.ofSeconds(10);
    private static final Duration WAIT_LIMIT = Duration.ofSeconds(WAIT_S + 10);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    /** Leaving has to be done before the notice of 60 s is used up. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(30);

    private final MetadataServer server;
    private final Notice notice;
    private final Watcher watcher;
    private String etag; // of the value that was seen last; null at first and after a failure

    private GoogleMaintenance(String base, MigrationHook hook) {
        server = new MetadataServer(base, "Metadata-Flavor", "Google");
        notice = new Notice("google", hook, LEAVE_LIMIT);
        watcher = new Watcher("google maintenance events", PAUSE_AFTER_FAILURE, this::round);
    }

    /** Begins to watch the server at this address, such as {@link #SERVER}. */
    public static GoogleMaintenance watch(String server, MigrationHook hook) {
        GoogleMaintenance source = new GoogleMaintenance(server, hook);
        source.watcher.start();
        return source;
    }

    private void round() throws IOException {
        boolean first = etag == null;
        String query = first
                ? ""
                : "?wait_for_change=true&timeout_sec=" + WAIT_S + "&last_etag="
                        + URLEncoder.encode(etag, StandardCharsets.UTF_8);
        MetadataServer.Response response;
        try {
            response = server.get(PATH + query, first ? FIRST_LIMIT : WAIT_LIMIT);
        } catch (IOException e) {
            etag = null; // whatever changed meanwhile is seen at once
            throw e;
        }
        if (!"Google".equals(response.flavor())) {
            etag = null;
            throw new IOException("whoever answers at " + PATH + " is not Google's metadata server");
        }
        if (!act(response.body().strip())) {
            etag = null;
            throw new IOException("the VM is not on a host yet");
        }
        if (response.etag() == null) {
            throw new IOException("the metadata server sent no ETag");
        }
        etag = response.etag();
    }

    /** Returns whether it was done. */
    private boolean act(String event) {
        if (event.equals(MIGRATE) && !notice.isUnderWay()) {
            notice.begin(); // if refused, the machine moves all the same; the notice is not given twice
        } else if (event.equals(NONE) && notice.isUnderWay()) {
            return notice.end();
        } else if (!event.equals(NONE) && !event.equals(MIGRATE)) {
            LOG.log(Level.INFO, "maintenance event {0}: not a live migration, nothing to do", event);
        }
        return true;
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
