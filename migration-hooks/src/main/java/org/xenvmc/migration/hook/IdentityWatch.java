package org.xenvmc.migration.hook;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.xenvmc.migration.MigrationHook;

/**
 * Notices moves that nobody announced: a file that names the physical host (written by the host, a cloud's tool, a
 * device's attribute) has another content than before. Shared memory is left and joined again where the VM is now. A file
 * that cannot be read says nothing.
 */
public final class IdentityWatch implements MigrationSource {
    private static final Logger LOG = System.getLogger(IdentityWatch.class.getName());
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 4096;

    private final Path file;
    private final Duration interval;
    private final Notice notice;
    private final Watcher watcher;
    private String identity; // the one that was seen last; null before the first

    private IdentityWatch(Path file, Duration interval, MigrationHook hook) {
        this.file = file;
        this.interval = interval;
        this.notice = new Notice("identity", hook, LEAVE_LIMIT);
        this.watcher = new Watcher("identity " + file, interval, this::round);
    }

    /** Begins to watch the file. */
    public static IdentityWatch watch(Path file, MigrationHook hook) {
        return watch(file, INTERVAL, hook);
    }

    static IdentityWatch watch(Path file, Duration interval, MigrationHook hook) {
        IdentityWatch source = new IdentityWatch(file, interval, hook);
        source.watcher.start();
        return source;
    }

    private void round() throws IOException, InterruptedException {
        String now = read();
        if (notice.isUnderWay()) {
            notice.end();
        } else if (!now.isEmpty() && !now.equals(identity)) {
            if (identity != null) {
                LOG.log(Level.WARNING, "this VM was moved from {0} to {1}, and nobody said so", identity, now);
                if (notice.begin()) {
                    notice.end();
                }
            }
            identity = now;
        }
        watcher.pause(interval);
    }

    private String read() throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), java.nio.charset.StandardCharsets.UTF_8).strip();
        }
    }

    @Override
    public String name() {
        return watcher.name();
    }

    @Override
    public void close() {
        watcher.close();
    }
}
