package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.json.JsonObject;

/**
 * Drives QEMU while it copies a guest's memory: in order keep QEMU is held back until little remains and the guest was asked, then
 * let go; after the plan's rounds it is made to stop the guest. Used by one thread.
 */
final class PreCopyDrive {
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
    private final StepReport report;

    private boolean started;
    private boolean completed;
    private boolean forced; // the guest is to be stopped, however much remains
    private long speedUp = 1; // by how much the copy is to become faster
    private QemuMachine.Parameters before; // what QEMU had set; null as long as nothing else was

    PreCopyDrive(MigrationPlan plan, QemuMachine source, StepReport report) {
        this.plan = plan;
        this.source = source;
        this.report = report;
    }

    boolean started() {
        return started;
    }

    /** Whether the guest runs at the destination. */
    boolean completed() {
        return completed;
    }

    boolean changedParameters() {
        return before != null;
    }

    void restore() throws IOException {
        source.setParameters(before.bytesPerSecond(), before.downtimeLimitMs());
    }

    /** As good as stops the copy, while the guest is asked. */
    void hold() throws IOException {
        source.setParameters(HOLDING_BYTES_PER_SECOND, HOLDING_DOWNTIME_MS);
    }

    /** Begins to copy; if asked to hold, so that QEMU cannot switch over by itself. */
    void start(boolean hold) throws IOException {
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
    MigrationStatus awaitLittle(long deadlineNs) throws IOException {
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
                report.tell("pass", status.toJson());
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
    void release(MigrationStatus status) throws IOException {
        long downtimeMs = plan.downtimeLimitMs();
        forced = status.dirtySyncs() >= plan.maxRounds();
        if (forced) {
            downtimeMs = Math.max(downtimeMs, 2 * status.remainingBytes() * 1000 / Math.max(1, bandwidth()));
        }
        source.setParameters(bandwidth(), downtimeMs);
        report.tell("release", new JsonObject().put("downtimeLimitMs", downtimeMs));
    }

    private boolean mustBeForced(MigrationStatus status) {
        return plan.order() == MigrationMode.KEEP && !forced && status.dirtySyncs() >= plan.maxRounds();
    }

    /** Until the guest runs at the destination. */
    void awaitCompletion(long deadlineNs) throws IOException {
        while (true) {
            MigrationStatus status = look(deadlineNs);
            if (status.paused()) {
                report.timed("continue", source::continueMigration);
            } else if (status.completed()) {
                completed = true;
                report.json().put("qemu", source.migration().toJson());
                report.tell("completed", source.migration().toJson());
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
