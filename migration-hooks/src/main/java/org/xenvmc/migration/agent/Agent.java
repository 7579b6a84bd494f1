package org.xenvmc.migration.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.hook.ControlSocket;
import org.xenvmc.migration.hook.GuestDirectory;
import org.xenvmc.migration.hook.MigrationSource;
import org.xenvmc.migration.hook.MigrationSources;
import org.xenvmc.migration.journal.Journal;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.VmcContext;

/**
 * A running agent: watches a host, passes what its sources hear to the VMs, and keeps the journal. Connections do not need
 * it: they go on when it dies.
 */
final class Agent implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);
    private static final String SOCKET_NAME = "agent";

    private final Journal journal;
    private final JournalWriter writer;
    private final OwnedRegion region; // or null
    private final HostWatch watch;
    private final GuestDirectory guests;
    private final List<MigrationSource> sources = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread looking;
    private final Duration interval;

    /**
     * What an agent is to do.
     *
     * @param context names the host, unless there is a region
     * @param region to be owned, the host then; or null for none
     * @param journal directory of the journal
     * @param journalBytes its limit
     * @param guests directory in which the VMs' control sockets are
     * @param sources see {@link MigrationSources}; may be empty
     * @param socket directory for the agent's own control socket, or null for none
     * @param interval time between two looks at the connections
     */
    record Settings(
            VmcContext context,
            OwnedRegion.Settings region,
            Path journal,
            long journalBytes,
            Path guests,
            String sources,
            Path socket,
            Duration interval) {}

    /** Starts it. */
    Agent(Settings s) throws IOException {
        History history = History.of(s.journal());
        journal = Journal.open(s.journal(), s.journalBytes());
        writer = new JournalWriter(journal);
        guests = new GuestDirectory(s.guests(), CONNECT_LIMIT);
        interval = s.interval();
        looking = new Thread(this::lookAgain, "xenvmc-agent");
        looking.setDaemon(true);
        HostWatch joined = null;
        OwnedRegion owned = null;
        try {
            owned = s.region() == null ? null : new OwnedRegion(s.region(), writer);
            if (owned != null) {
                s.context().hostDirectory(owned.hostName());
            }
            writer.write(
                    Events.AGENT_STARTED,
                    new JsonObject()
                            .put("host", s.context().hostDirectory())
                            .put("pid", ProcessHandle.current().pid())
                            .put("lastOneStopped", history.stopped()));
            joined = new HostWatch(s.context(), s.journal().resolve("state.json"), history, writer);
            MigrationHook hook = new JournaledHook(guests, writer);
            sources.addAll(MigrationSources.start(s.sources(), hook));
            if (s.socket() != null) {
                sources.add(ControlSocket.listen(s.socket(), SOCKET_NAME, hook));
            }
        } catch (IOException | RuntimeException e) {
            sources.forEach(MigrationSource::close);
            if (joined != null) {
                joined.close();
            }
            if (owned != null) {
                owned.close();
            }
            journal.close();
            throw e;
        }
        watch = joined;
        region = owned;
        looking.start();
    }

    /** Names of what it listens to. */
    List<String> sources() {
        return sources.stream().map(MigrationSource::name).toList();
    }

    private void lookAgain() {
        try {
            do {
                watch.look();
            } while (!stopped.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // by nobody but close
        }
    }

    /** Leaves the host. Idempotent. */
    @Override
    public void close() {
        if (stopped.getCount() == 0) {
            return;
        }
        stopped.countDown();
        sources.forEach(MigrationSource::close);
        try {
            looking.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guests.close();
        watch.close();
        if (region != null) {
            region.close();
        }
        writer.write(Events.AGENT_STOPPED, new JsonObject());
        journal.close();
    }
}
