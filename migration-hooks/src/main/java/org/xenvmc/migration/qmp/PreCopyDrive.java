package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.json.JsonObject;

/**
 * Drives QEMU while it copies a guest's memory: in order keep QEMU is held back until little remains and the guest has
 * answered, then let go; after the plan's rounds it is made to stop the guest. Used by one thread.
 */
final class PreCopyDrive {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    /** The guest is asked, and the copy held, while the rest takes at least so long to copy, if it is not zero. */
    private static final long LITTLE_MS = 250;

    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(30);

    private final MigrationPlan plan;
    private final QemuMachine source;
    private final StepReport report;
    private final CopyPace pace;

    private boolean started;
    private boolean completed;
    private boolean forced; // the guest is to be stopped, however much remains
    private RemainingMemory memory;
    private MigrationStatus last; // what QEMU said

    PreCopyDrive(MigrationPlan plan, QemuMachine source, StepReport report) {
        this.plan = plan;
        this.source = source;
        this.report = report;
        this.pace = new CopyPace(plan, source);
    }

    boolean started() {
        return started;
    }

    /** Whether the guest runs at the destination. */
    boolean completed() {
        return completed;
    }

    boolean changedParameters() {
        return pace.remembered();
    }

    void restore() throws IOException {
        pace.restore();
    }

    /** Begins to copy; if asked to hold, so that QEMU cannot switch over by itself. */
    void start(boolean hold) throws IOException {
        MigrationStatus other = source.migration();
        if (!other.ended() && !other.status().equals("none")) {
            throw new IOException("somebody else migrates this guest just now (" + other.status() + ")");
        }
        pace.remember();
        memory = new RemainingMemory(Math.max(plan.littleBytes(), pace.bandwidth() * LITTLE_MS / 1000));
        source.setCapabilities(Map.of("events", true, "pause-before-switchover", true));
        if (hold) {
            pace.begin();
        } else {
            pace.free(plan.downtimeLimitMs());
        }
        source.migrate(plan.uri());
        started = true;
    }

    /**
     * Pre-copy rounds with shared memory in use, until it is time to ask the guest.
     *
     * @param answerMs how long the guest is expected to take: it is asked so much before little remains
     */
    void awaitTimeToAsk(long deadlineNs, long answerMs) throws IOException {
        long early = pace.bandwidth() / 1000 * answerMs;
        long rounds = 0;
        long slowUntilNs = 0;
        while (true) {
            lookBeforeAnswer(deadlineNs);
            if (last.dirtySyncs() != rounds) {
                rounds = last.dirtySyncs();
                report.tell("pass", last.toJson());
            }
            if (last.status().equals("active") && rounds > 0) {
                long nowNs = System.nanoTime();
                memory.look(nowNs, last.remainingBytes());
                slowUntilNs = slowUntilNs == 0 ? nowNs + RemainingMemory.WINDOW_NS : slowUntilNs;
                if (memory.isLittle(pace.faster()) || memory.isWithin(early) || rounds >= plan.maxRounds()) {
                    return;
                }
                if (pace.faster() > 1 && nowNs - slowUntilNs >= 0) {
                    pace.full();
                }
            }
            pause();
        }
    }

    /** Copies on while the guest leaves shared memory, but as good as stops while little remains. */
    void copyUntil(PendingAnswer answer, long deadlineNs) throws IOException {
        keepPace();
        while (!answer.within(LOOK_AGAIN)) {
            lookBeforeAnswer(deadlineNs);
            memory.look(System.nanoTime(), last.remainingBytes());
            keepPace();
        }
    }

    private void keepPace() throws IOException {
        boolean little = memory.isLittle(pace.faster());
        if (little && !pace.held()) {
            pace.hold();
        } else if (!little && pace.faster() > 1) {
            pace.full();
        }
    }

    private void lookBeforeAnswer(long deadlineNs) throws IOException {
        last = look(deadlineNs);
        if (last.ended() || last.paused()) {
            throw new IOException("QEMU was ready to switch over (" + last.status()
                    + ") before the guest had left shared memory; use the order early, or a lower bandwidth. "
                    + last.error());
        }
    }

    /**
     * The guest has left shared memory: nothing holds QEMU back any more. If it does not converge, the paper's stop rule says to
     * stop the guest after so many rounds and to send what remains.
     */
    void release() throws IOException {
        long downtimeMs = plan.downtimeLimitMs();
        forced = last.dirtySyncs() >= plan.maxRounds();
        if (forced) {
            downtimeMs = Math.max(downtimeMs, 2 * last.remainingBytes() * 1000 / Math.max(1, pace.bandwidth()));
        }
        report.json().put("heldMs", pace.heldMs());
        pace.free(downtimeMs);
        report.tell(
                "release", new JsonObject().put("downtimeLimitMs", downtimeMs).put("heldMs", pace.heldMs()));
    }

    private boolean mustBeForced() {
        return plan.order() == MigrationMode.KEEP && !forced && last.dirtySyncs() >= plan.maxRounds();
    }

    /** Until the guest runs at the destination. */
    void awaitCompletion(long deadlineNs) throws IOException {
        while (true) {
            last = look(deadlineNs);
            if (last.paused()) {
                report.timed("continue", source::continueMigration);
            } else if (last.completed()) {
                completed = true;
                report.json().put("qemu", source.migration().toJson());
                report.tell("completed", source.migration().toJson());
                return;
            } else if (last.ended()) {
                throw new IOException("QEMU's migration " + last.status() + ": " + last.error());
            } else if (mustBeForced()) {
                release();
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

    static void pause() throws InterruptedIOException {
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the migration was interrupted");
        }
    }

    /** Ends it; fails when it was too late. */
    void cancel() throws IOException {
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
}
