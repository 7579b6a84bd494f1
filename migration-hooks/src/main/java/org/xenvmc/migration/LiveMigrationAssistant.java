package org.xenvmc.migration;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.migration.MigrationListener.PhaseChange;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.metrics.FlightRecording;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Takes one VM through the three phases of a live migration (paper: Live Migration Assistant).
 *
 * <pre>
 *             prepare              finishMigration                       resumed
 *   SETTLED ----------> PRE_COPY ------------------> FINISHING --> AWAY ---------> SETTLED (new host)
 *                          |                                         |
 *                          +---------------- aborted ----------------+-----------> SETTLED (old host)
 * </pre>
 *
 * <p>A call in the wrong phase changes nothing and throws {@link IllegalStateException}, which says what is allowed. A
 * call that fails with {@link IOException} leaves the phase as it was and may be repeated. Calls are carried out one
 * after the other; a call waits for the one before it no longer than the limit of the migration.
 *
 * <p>Thread-safe. Interrupting a thread that waits here ends its wait with {@link InterruptedIOException}.
 */
public final class LiveMigrationAssistant {
    private static final Logger LOG = System.getLogger(LiveMigrationAssistant.class.getName());

    /** One per VM: two would contradict each other. Values must not keep their keys alive, see {@link #engine}. */
    private static final Map<TransportEngine, LiveMigrationAssistant> ASSISTANTS =
            Collections.synchronizedMap(new WeakHashMap<>());

    private final WeakReference<TransportEngine> engine;
    private final List<MigrationListener> listeners = new CopyOnWriteArrayList<>();
    private final Relocator relocator = new Relocator(this);
    private final MigrationHook hook = new AssistantHook(this);

    /** Held by the one call that may change what follows. */
    private final ReentrantLock changing = new ReentrantLock(true);

    private volatile MigrationPhase phase = MigrationPhase.SETTLED;
    private volatile MigrationNotice notice; // of the migration under way, else null
    private volatile String oldHost; // where prepare found the VM; null when it had joined none
    private volatile SwitchReport report; // not null once the VM has left its host
    private volatile Duration patience = MigrationNotice.DEFAULT_LIMIT;

    private LiveMigrationAssistant(TransportEngine engine) {
        this.engine = new WeakReference<>(engine);
    }

    /** The assistant of a VM; always the same one for an engine. */
    public static LiveMigrationAssistant of(TransportEngine engine) {
        return ASSISTANTS.computeIfAbsent(Objects.requireNonNull(engine, "engine"), LiveMigrationAssistant::new);
    }

    /** The phase at present. */
    public MigrationPhase phase() {
        return phase;
    }

    /** The migration under way, or null. */
    public MigrationNotice notice() {
        return notice;
    }

    /** Name of the host on which the migration under way, or the last one, found the VM; null when that was none. */
    String oldHost() {
        return oldHost;
    }

    /** The same as calls that are answered instead of throwing. */
    public MigrationHook hook() {
        return hook;
    }

    /** Carries out whole moves between hosts whose memory is a directory, where no hypervisor does it. */
    public Relocator relocator() {
        return relocator;
    }

    /** Adds a listener. */
    public void addListener(MigrationListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** Removes a listener. */
    public void removeListener(MigrationListener listener) {
        listeners.remove(listener);
    }

    /**
     * Phase two begins: the VM is going to be migrated and goes on running meanwhile.
     *
     * @return what happened to the connections when they left shared memory; null with {@link MigrationMode#KEEP}
     * @throws IllegalStateException when another migration is under way
     * @throws IOException when the VM could not leave its host (only with {@link MigrationMode#EARLY}); it is settled
     *     then
     */
    public SwitchReport prepare(MigrationNotice announced) throws IOException {
        begin("prepare", announced.limit());
        try {
            expect("prepare", MigrationPhase.SETTLED);
            TransportEngine vm = engine();
            oldHost = vm.hostStatus().host();
            notice = announced;
            patience = announced.limit();
            report = null;
            change(MigrationPhase.PRE_COPY);
            if (announced.mode() == MigrationMode.EARLY) {
                leaveEarly(vm);
            }
            return report;
        } finally {
            changing.unlock();
        }
    }

    private void leaveEarly(TransportEngine vm) throws IOException {
        try {
            report = vm.leaveHost(notice.limit());
        } catch (IOException | RuntimeException e) {
            try {
                returnToOldHost(vm);
            } catch (IOException | RuntimeException f) {
                e.addSuppressed(f);
            }
            settle();
            throw e;
        }
    }

    private void returnToOldHost(TransportEngine vm) throws IOException {
        if (oldHost != null && !vm.hostStatus().joined()) {
            vm.joinHost(oldHost);
        }
    }

    /**
     * Phase three: everything outstanding is delivered, connections go on over TCP, the VM leaves every table.
     * Afterwards it maps no shared memory and may be stopped.
     *
     * @return what happened to the connections
     * @throws IllegalStateException when no migration is prepared
     * @throws IOException when the VM could not leave its host: it must not be stopped
     */
    public SwitchReport finishMigration() throws IOException {
        begin("finishMigration", patience);
        try {
            expect("finishMigration", MigrationPhase.PRE_COPY);
            TransportEngine vm = engine();
            change(MigrationPhase.FINISHING);
            boolean left = false;
            try {
                if (report == null) {
                    report = vm.leaveHost(notice.limit());
                }
                left = true;
            } finally {
                change(left ? MigrationPhase.AWAY : MigrationPhase.PRE_COPY);
            }
            return report;
        } finally {
            changing.unlock();
        }
    }

    /**
     * The migration is given up. Joins the old host again if the VM has left it; connections are offered shared memory
     * again.
     *
     * @throws IllegalStateException when no migration is under way
     * @throws IOException when the old host could not be joined; connections go on over TCP
     */
    public void aborted() throws IOException {
        begin("aborted", patience);
        try {
            expect("aborted", MigrationPhase.PRE_COPY, MigrationPhase.AWAY);
            returnToOldHost(engine());
            settle();
        } finally {
            changing.unlock();
        }
    }

    /**
     * The VM runs on its new host: joins it, and offers shared memory to connections with VMs that are there.
     *
     * @throws IllegalStateException when the VM has not left its old host
     * @throws IOException when the new host could not be joined; connections go on over TCP
     */
    public void resumed(String newHost) throws IOException {
        Objects.requireNonNull(newHost, "newHost");
        begin("resumed", patience);
        try {
            expect("resumed", MigrationPhase.AWAY);
            engine().joinHost(newHost);
            settle();
        } finally {
            changing.unlock();
        }
    }

    private void settle() {
        change(MigrationPhase.SETTLED);
        notice = null;
        report = null;
    }

    private TransportEngine engine() {
        TransportEngine vm = engine.get();
        if (vm == null) {
            throw new IllegalStateException("the VM of this assistant is closed and gone");
        }
        return vm;
    }

    private void begin(String call, Duration limit) throws IOException {
        if (changing.isHeldByCurrentThread()) {
            throw new IllegalStateException(call + " was called by a MigrationListener; call it from another thread");
        }
        try {
            if (!changing.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException(call + " waited " + limit.toMillis() + " ms for another call to end; phase "
                        + phase + ": " + phase.explanation());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException(call + " was interrupted while it waited for another call to end")
                            .initCause(e);
        }
    }

    private void expect(String call, MigrationPhase... allowed) {
        for (MigrationPhase p : allowed) {
            if (p == phase) {
                return;
            }
        }
        MigrationNotice current = notice;
        String which = current == null ? "" : " of migration " + current.id();
        throw new IllegalStateException(
                call + " is not possible in phase " + phase + which + ": " + phase.explanation());
    }

    private void change(MigrationPhase to) {
        PhaseChange change = new PhaseChange(notice.id(), phase, to);
        phase = to;
        LOG.log(Level.DEBUG, "migration {0}: {1} -> {2}", change.migrationId(), change.from(), change.to());
        record(change);
        for (MigrationListener listener : listeners) {
            try {
                listener.phaseChanged(change);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener failed on " + change, e);
            }
        }
    }

    private void record(PhaseChange change) {
        TransportEngine vm = engine.get();
        if (FlightRecording.isOn() && vm != null) {
            FlightRecording.phaseChanged(
                    change.migrationId(),
                    change.from().name(),
                    change.to().name(),
                    vm.hostStatus().host());
        }
    }
}
