package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
 * prepare, copy while connections stay on shared memory, finish when little is about to remain ({@link RemainingMemory}), switch
 * over, exchange the device for a fresh one, resumed. In order keep the switch-over is held back until the guest has
 * answered: by a downtime limit of nothing, by a bandwidth of next to nothing once little remains ({@link CopyPace}), and,
 * should both not be enough, by a pause in QEMU, in which case the migration is given up.
 */
public final class QemuMigration {
    /**
     * To leave shared memory takes a guest several times as long as to prepare: the more connections, and the slower its
     * processor, the longer both.
     */
    private static final double FINISH_TO_PREPARE = 4;

    private static final long MOST_EARLY_MS = 2_000;

    private final MigrationPlan plan;
    private final QemuMachine source;
    private final Optional<Destination> destination;
    private final Optional<SharedDevice> device;
    private final MigrationHook guest;
    private final StepReport report;
    private final PreCopyDrive copy;

    private PendingAnswer pending; // null: the guest was never asked while the copy went on
    private boolean prepared;
    private boolean finished;
    private boolean detached;

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
        this.report = new StepReport(steps);
        this.copy = new PreCopyDrive(plan, source, report);
        if (plan.order() == MigrationMode.KEEP
                && device.isPresent()
                && !device.get().migrated()) {
            throw new IllegalArgumentException("QEMU refuses to migrate a guest whose shared memory has master=off; "
                    + "use the order early, or a device with master=on");
        }
    }

    /** Drives it; returns a report with outcome, error, figures of QEMU, times in milliseconds. Throws nothing. */
    public JsonObject run() {
        report.json().put("id", plan.id()).put("order", plan.order()).put("uri", plan.uri());
        long startNs = System.nanoTime();
        MigrationOutcome outcome;
        String error = "";
        try {
            toTheDestination();
            outcome = MigrationOutcome.COMPLETED;
            try {
                arrive();
            } catch (IOException | RuntimeException e) {
                error = report.failed(e);
                outcome = MigrationOutcome.COMPLETED_ON_TCP;
            }
        } catch (IOException | RuntimeException e) {
            error = report.failed(e);
            boolean interrupted = Thread.interrupted(); // the way back must not fail because of it
            outcome = rollBack() ? MigrationOutcome.ROLLED_BACK : MigrationOutcome.ROLLED_BACK_ON_TCP;
            if (copy.completed()) {
                outcome = MigrationOutcome.COMPLETED_ON_TCP;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return report.json()
                .put("outcome", outcome)
                .put("error", error)
                .put("wallMs", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
    }

    // --- the way there ---

    private void toTheDestination() throws IOException {
        report.timed("prepare", () -> {
            expectAccepted("prepare", guest.prepare(new MigrationNotice(plan.id(), null, plan.order(), plan.limit())));
            prepared = true;
        });
        boolean keep = plan.order() == MigrationMode.KEEP;
        if (!keep) {
            report.timed("finish", () -> finished(guest.finish(plan.id())));
            if (device.isPresent()) {
                report.timed("detach", () -> {
                    detached = true; // from here on there is something to put back
                    device.get().detach(source, plan.limit());
                });
            }
        }
        report.timed("migrate", () -> copy.start(keep));
        long deadlineNs = System.nanoTime() + plan.overall().toNanos();
        if (keep) {
            copy.awaitTimeToAsk(deadlineNs, expectedAnswerMs());
            report.timed("finish", () -> finishWhileCopying(deadlineNs));
            copy.release();
        }
        copy.awaitCompletion(deadlineNs);
    }

    private long expectedAnswerMs() throws IOException {
        return Math.min(
                MOST_EARLY_MS, Math.round(FINISH_TO_PREPARE * report.json().decimal("prepareMs")));
    }

    private void finishWhileCopying(long deadlineNs) throws IOException {
        pending = new PendingAnswer(() -> guest.finish(plan.id()));
        copy.copyUntil(pending, deadlineNs);
        finished(pending.get());
    }

    private void finished(Answer answer) throws IOException {
        expectAccepted("finish", answer);
        finished = true;
        if (answer.report() != null) {
            report.json()
                    .put("connections", answer.report().connections())
                    .put("moved", answer.report().moved())
                    .put("lost", answer.report().lost());
        }
    }

    private void expectAccepted(String call, Answer answer) throws IOException {
        if (!answer.accepted()) {
            throw new IOException("the guest did not accept '" + call + "': " + answer.detail());
        }
    }

    // --- there ---

    private void arrive() throws IOException {
        if (destination.isEmpty()) {
            return;
        }
        QemuMachine there = destination.get().machine();
        if (device.isPresent()) {
            report.timed("attach", () -> {
                if (!detached) {
                    device.get().detach(there, plan.limit()); // the copy of a region that others went on writing to
                }
                destination.get().device().orElse(device.get()).attach(there);
            });
        }
        report.timed("resumed", () -> {
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
            PreCopyDrive.pause();
            answer = told.get();
        }
        expectAccepted(call, answer);
    }

    // --- the way back ---

    /** Returns whether everything is as it was before. */
    private boolean rollBack() {
        boolean whole = true;
        if (copy.started()) {
            whole = report.undo("cancel", copy::cancel);
            if (copy.completed()) {
                return false;
            }
        }
        if (copy.changedParameters()) {
            whole &= report.undo("restore", copy::restore);
        }
        if (detached) {
            whole &= report.undo("re-attach", () -> device.get().attach(source));
        }
        if (pending != null) {
            pending.awaitEnd(); // not before the copy was cancelled: a guest that QEMU has stopped cannot answer
        }
        if (prepared || finished) {
            whole &= report.undo("aborted", () -> untilAccepted("aborted", () -> guest.aborted(plan.id())));
        }
        return whole;
    }
}
