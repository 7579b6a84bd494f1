package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.json.JsonObject;

/**
 * Drives the live migration of one guest between two QEMUs, from its announcement until the guest uses shared memory
 * where it is then; whatever fails before the guest runs at the destination is undone in reverse order. For one thread;
 * interrupting it rolls back.
 *
 * <p>Order early: prepare, finish (connections go on over TCP), unplug, copy, switch over, plug, resumed. Order keep:
 * prepare, copy while connections stay on shared memory, finish when little remains ({@link RemainingMemory}), switch
 * over, exchange the device for a fresh one, resumed. In order keep the switch-over is held back until the guest has
 * answered: by a downtime limit of nothing, by a bandwidth of next to nothing during the answer, and, should both not
 * be enough, by a pause in QEMU, in which case the migration is given up.
 */
public final class QemuMigration {
    private static final long HOLDING_DOWNTIME_MS = 0;
    /**
     * A guest with no more memory than this may be copied before anybody has looked: in order keep the copy begins
     * slowly.
     */
    private static final long SMALL_BYTES = 256 << 20;
    /** So slowly that memory which is all zero (9 bytes a page) lasts for so many windows. */
    private static final long SLOW_WINDOWS = 8;

    private static final long ZERO_PAGE_BYTES = 9;
    private static final long PAGE_BYTES = 4096;

    private static final long HOLDING_BYTES_PER_SECOND = 64 * 1024;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    /** The guest is asked while the rest takes at least so long to copy, if it is not zero. */
    private static final long ASK_BEFORE_END_MS = 250;

    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(30);

    private final MigrationPlan plan;
    private final QemuMachine source;
    private final Optional<Destination> destination;
    private final Optional<SharedDevice> device;
    private final MigrationHook guest;
    private final MigrationSteps steps;
    private final JsonObject report = new JsonObject();

    private boolean prepared;
    private boolean finished;
    private boolean detached;
    private boolean started;
    private boolean completed;
    private boolean forced; // the guest is to be stopped, however much remains
    private long speedUp = 1; // by how much the copy is to become faster
    private QemuMachine.Parameters before; // what QEMU had set; null as long as nothing else was

    /**
     * The other side, as far as it can be reached from here.
     *
     * @param machine its QEMU
     * @param guest calls the guest where it runs then; asked for once it does
     * @param device what is plugged in there; empty for the same as before
     */
    public record Destination(QemuMachine machine, GuestThere guest, Optional<SharedDevice> device) {
        /** With the same device as before, if the guest has one. */
        public Destination(QemuMachine machine, GuestThere guest) {
            this(machine, guest, Optional.empty());
        }
    }

    /** Finds the guest at the destination. */
    @FunctionalInterface
    public interface GuestThere {
        /** A hook of the guest. */
        MigrationHook find() throws IOException;
    }

    /**
     * A migration that has not begun.
     *
     * @param destination if absent, somebody there attaches the device and tells the guest
     * @param device if absent, nothing is plugged or unplugged
     */
    public QemuMigration(
            MigrationPlan plan,
            QemuMachine source,
            Optional<Destination> destination,
            Optional<SharedDevice> device,
            MigrationHook guest,
            MigrationSteps steps) {
        this.plan = plan;
        this.source = source;
        this.destination = destination;
        this.device = device;
        this.guest = guest;
        this.steps = steps;
        if (plan.order() == MigrationMode.KEEP
                && device.isPresent()
                && !device.get().migrated()) {
            throw new IllegalArgumentException("QEMU refuses to migrate a guest whose shared memory has master=off; "
                    + "use the order early, or a device with master=on");
        }
    }

    /** Drives it; returns a report with outcome, error, figures of QEMU, times in milliseconds. Throws nothing. */
    public JsonObject run() {
        report.put("id", plan.id()).put("order", plan.order()).put("uri", plan.uri());
        long startNs = System.nanoTime();
        MigrationOutcome outcome;
        String error = "";
        try {
            toTheDestination();
            outcome = MigrationOutcome.COMPLETED;
            try {
                arrive();
            } catch (IOException | RuntimeException e) {
                error = failed(e);
                outcome = MigrationOutcome.COMPLETED_ON_TCP;
            }
        } catch (IOException | RuntimeException e) {
            error = failed(e);
            boolean interrupted = Thread.interrupted(); // the way back must not fail because of it
            outcome = rollBack() ? MigrationOutcome.ROLLED_BACK : MigrationOutcome.ROLLED_BACK_ON_TCP;
            if (completed) {
                outcome = MigrationOutcome.COMPLETED_ON_TCP;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return report.put("outcome", outcome)
                .put("error", error)
                .put("wallMs", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
    }

    private String failed(Exception e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        steps.step("failed", new JsonObject().put("error", why));
        return why;
    }

    // --- the way there ---

    private void toTheDestination() throws IOException {
        timed("prepare", () -> {
            expectAccepted("prepare", guest.prepare(new MigrationNotice(plan.id(), null, plan.order(), plan.limit())));
            prepared = true;
        });
        boolean keep = plan.order() == MigrationMode.KEEP;
        if (!keep) {
            finish();
            if (device.isPresent()) {
                timed("detach", () -> {
                    detached = true; // from here on there is something to put back
                    device.get().detach(source, plan.limit());
                });
            }
        }
        timed("migrate", () -> start(keep));
        long deadlineNs = System.nanoTime() + plan.overall().toNanos();
        if (keep) {
            MigrationStatus status = awaitLittle(deadlineNs);
            source.setParameters(HOLDING_BYTES_PER_SECOND, HOLDING_DOWNTIME_MS);
            finish();
            release(status);
        }
        awaitCompletion(deadlineNs);
    }

    private void finish() throws IOException {
        timed("finish", () -> {
            Answer answer = guest.finish(plan.id());
            expectAccepted("finish", answer);
            finished = true;
            if (answer.report() != null) {
                report.put("connections", answer.report().connections())
                        .put("moved", answer.report().moved())
                        .put("lost", answer.report().lost());
            }
        });
    }

    private void expectAccepted(String call, Answer answer) throws IOException {
        if (!answer.accepted()) {
            throw new IOException("the guest did not accept '" + call + "': " + answer.detail());
        }
    }

    private void start(boolean hold) throws IOException {
        MigrationStatus other = source.migration();
        if (!other.ended() && !other.status().equals("none")) {
            throw new IOException("somebody else migrates this guest just now (" + other.status() + ")");
        }
        before = source.parameters(); // from here on there is something to put back
        source.setCapabilities(Map.of("events", true, "pause-before-switchover", true));
        if (hold) {
            long slow = slowStart();
            speedUp = Math.max(1, bandwidth() / slow);
            source.setParameters(slow, HOLDING_DOWNTIME_MS);
        } else {
            source.setParameters(plan.bytesPerSecond(), plan.downtimeLimitMs());
        }
        source.migrate(plan.uri());
        started = true;
    }

    /** What the plan says, or else what QEMU had set. */
    private long bandwidth() {
        return plan.bytesPerSecond() > 0 ? plan.bytesPerSecond() : before.bytesPerSecond();
    }

    private long slowStart() throws IOException {
        long memory = source.memoryBytes();
        long slow = memory / PAGE_BYTES * ZERO_PAGE_BYTES * 10 / SLOW_WINDOWS;
        return memory > SMALL_BYTES ? bandwidth() : Math.min(bandwidth(), Math.max(HOLDING_BYTES_PER_SECOND, slow));
    }

    /** Pre-copy rounds with shared memory in use, until it is time to ask the guest. */
    private MigrationStatus awaitLittle(long deadlineNs) throws IOException {
        RemainingMemory memory =
                new RemainingMemory(Math.max(plan.littleBytes(), bandwidth() * ASK_BEFORE_END_MS / 1000));
        long rounds = 0;
        long slowUntilNs = 0;
        while (true) {
            MigrationStatus status = look(deadlineNs);
            if (status.ended() || status.paused()) {
                throw new IOException("QEMU was ready to switch over (" + status.status()
                        + ") before the guest was asked to leave shared memory; use the order early, or a lower"
                        + " bandwidth. " + status.error());
            }
            if (status.dirtySyncs() != rounds) {
                rounds = status.dirtySyncs();
                steps.step("pass", status.toJson());
            }
            if (status.status().equals("active") && rounds > 0) {
                long nowNs = System.nanoTime();
                memory.look(nowNs, status.remainingBytes());
                slowUntilNs = slowUntilNs == 0 ? nowNs + RemainingMemory.WINDOW_NS : slowUntilNs;
                if (memory.isLittle(speedUp) || rounds >= plan.maxRounds()) {
                    return status;
                }
                if (speedUp > 1 && nowNs - slowUntilNs >= 0) {
                    speedUp = 1;
                    source.setParameters(bandwidth(), HOLDING_DOWNTIME_MS);
                }
            }
            pause();
        }
    }

    /**
     * The guest has left shared memory: nothing holds QEMU back any more. If it does not converge, the paper's stop rule says to
     * stop the guest after so many rounds and to send what remains.
     */
    private void release(MigrationStatus status) throws IOException {
        long downtimeMs = plan.downtimeLimitMs();
        forced = status.dirtySyncs() >= plan.maxRounds();
        if (forced) {
            downtimeMs = Math.max(downtimeMs, 2 * status.remainingBytes() * 1000 / Math.max(1, bandwidth()));
        }
        source.setParameters(bandwidth(), downtimeMs);
        steps.step("release", new JsonObject().put("downtimeLimitMs", downtimeMs));
    }

    private boolean mustBeForced(MigrationStatus status) {
        return plan.order() == MigrationMode.KEEP && !forced && status.dirtySyncs() >= plan.maxRounds();
    }

    private void awaitCompletion(long deadlineNs) throws IOException {
        while (true) {
            MigrationStatus status = look(deadlineNs);
            if (status.paused()) {
                timed("continue", source::continueMigration);
            } else if (status.completed()) {
                completed = true;
                report.put("qemu", source.migration().toJson());
                steps.step("completed", source.migration().toJson());
                return;
            } else if (status.ended()) {
                throw new IOException("QEMU's migration " + status.status() + ": " + status.error());
            } else if (mustBeForced(status)) {
                release(status);
            }
            pause();
        }
    }

    private MigrationStatus look(long deadlineNs) throws IOException {
        if (System.nanoTime() - deadlineNs > 0) {
            throw new IOException(
                    "the migration did not end within " + plan.overall().toSeconds() + " s");
        }
        return source.migration();
    }

    private static void pause() throws InterruptedIOException {
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the migration was interrupted");
        }
    }

    // --- there ---

    private void arrive() throws IOException {
        if (destination.isEmpty()) {
            return;
        }
        QemuMachine there = destination.get().machine();
        if (device.isPresent()) {
            timed("attach", () -> {
                if (!detached) {
                    device.get().detach(there, plan.limit()); // the copy of a region that others went on writing to
                }
                destination.get().device().orElse(device.get()).attach(there);
            });
        }
        timed("resumed", () -> {
            MigrationHook hook = destination.get().guest().find();
            untilAccepted("resumed", () -> hook.resumed(plan.id(), null));
        });
    }

    /** A guest sees a device a moment after it was plugged in: a guest that is still away is told again. */
    private void untilAccepted(String call, Supplier<Answer> told) throws IOException {
        long deadlineNs = System.nanoTime() + plan.limit().toNanos();
        Answer answer = told.get();
        while (!answer.accepted()
                && answer.phase() == MigrationPhase.AWAY
                && device.isPresent()
                && System.nanoTime() - deadlineNs < 0) {
            pause();
            answer = told.get();
        }
        expectAccepted(call, answer);
    }

    // --- the way back ---

    /** Returns whether everything is as it was before. */
    private boolean rollBack() {
        boolean whole = true;
        if (started) {
            whole = undo("cancel", this::cancel);
            if (completed) {
                return false;
            }
        }
        if (before != null) {
            whole &= undo("restore", () -> source.setParameters(before.bytesPerSecond(), before.downtimeLimitMs()));
        }
        if (detached) {
            whole &= undo("re-attach", () -> device.get().attach(source));
        }
        if (prepared || finished) {
            whole &= undo("aborted", () -> untilAccepted("aborted", () -> guest.aborted(plan.id())));
        }
        return whole;
    }

    private boolean undo(String step, Work work) {
        try {
            timed(step, work);
            return true;
        } catch (IOException | RuntimeException e) {
            steps.step(step, new JsonObject().put("error", String.valueOf(e.getMessage())));
            return false;
        }
    }

    private void cancel() throws IOException {
        source.cancelMigration();
        long deadlineNs = System.nanoTime() + CANCEL_LIMIT.toNanos();
        MigrationStatus status = source.migration();
        while (!status.ended() && !status.status().equals("none")) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("QEMU did not cancel the migration within " + CANCEL_LIMIT.toSeconds() + " s");
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            status = source.migration();
        }
        completed = status.completed();
        if (completed) {
            throw new IOException("it was too late to cancel: the guest runs at the destination");
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private void timed(String step, Work work) throws IOException {
        long startNs = System.nanoTime();
        work.run();
        double ms = (System.nanoTime() - startNs) / 1e6;
        report.put(step + "Ms", ms);
        steps.step(step, new JsonObject().put("ms", ms));
    }
}
