package org.xenvmc.migration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Moves a running process from one host to another, where no hypervisor does it: goes through the same {@link
 * MigrationHook}, one move at a time, on a thread of its own. Thread-safe.
 */
public final class Relocator {
    /** Longest phase two that can be asked for. */
    public static final Duration MAX_PRE_COPY = Duration.ofMinutes(10);

    private static final int KEPT_REPORTS = 64;

    private final LiveMigrationAssistant assistant;
    private final Map<String, RelocationReport> reports = new LinkedHashMap<>(); // guarded by this
    private String running; // guarded by this: id of the move under way, or null

    Relocator(LiveMigrationAssistant assistant) {
        this.assistant = assistant;
    }

    /**
     * Starts a move and returns at once; ask {@link #report} how it went.
     *
     * @param notice with the host to go to
     * @param fromHost where the VM is, for the report and for the way back; may be null
     * @param delay how long to wait before the move begins
     * @param preCopy how long phase two lasts, in which a hypervisor would copy memory
     * @throws IllegalStateException when a move is under way, or the id was used before
     */
    public void start(MigrationNotice notice, String fromHost, Duration delay, Duration preCopy) {
        if (notice.targetHost() == null || notice.targetHost().isBlank()) {
            throw new IllegalArgumentException("migration " + notice.id() + " names no host to go to");
        }
        if (preCopy.isNegative() || preCopy.compareTo(MAX_PRE_COPY) > 0) {
            throw new IllegalArgumentException("a phase two of " + preCopy + " is not between 0 and " + MAX_PRE_COPY);
        }
        Relocation relocation = new Relocation(assistant.hook(), notice, fromHost, delay, preCopy, this::ended);
        synchronized (this) {
            if (running != null) {
                throw new IllegalStateException("migration " + running + " is under way; wait until it has ended");
            }
            if (reports.containsKey(notice.id())) {
                throw new IllegalStateException("there was a migration " + notice.id() + " already; use another id");
            }
            running = notice.id();
            reports.put(notice.id(), relocation.report());
            forgetOldest();
        }
        Thread thread = new Thread(relocation::run, "xenvmc-migration");
        thread.setDaemon(true);
        thread.start();
    }

    /** The move has ended: whoever sees that may start the next. */
    private synchronized void ended(RelocationReport report) {
        reports.put(report.id(), report);
        running = null;
    }

    private void forgetOldest() {
        if (reports.size() > KEPT_REPORTS) {
            reports.remove(reports.keySet().iterator().next());
        }
    }

    /** How a move went. Empty when there was none with this id, or it is forgotten (the last 64 are kept). */
    public synchronized Optional<RelocationReport> report(String id) {
        return Optional.ofNullable(reports.get(id));
    }

    /** The move that was started last. */
    public synchronized Optional<RelocationReport> latest() {
        return reports.values().stream().reduce((first, second) -> second);
    }
}
