package org.xenvmc.migration.qmp;

import java.io.IOException;

/**
 * How fast QEMU copies a guest's memory, and whether it may switch over by itself. In order keep it may not until the guest has
 * left shared memory: a downtime limit of nothing forbids it as long as anything remains, so what remains is made to last. Used by
 * one thread.
 */
final class CopyPace {
    private static final long HELD_DOWNTIME_MS = 0;
    private static final long HELD_BYTES_PER_SECOND = 64 * 1024;
    /** A guest with no more memory than this may be copied before anybody has looked: the copy begins slowly. */
    private static final long SMALL_BYTES = 256 << 20;
    /** So slowly that memory which is all zero (9 bytes a page) lasts for so many windows. */
    private static final long SLOW_WINDOWS = 8;

    private static final long ZERO_PAGE_BYTES = 9;
    private static final long PAGE_BYTES = 4096;
    /** In the place of QEMU's 0, which is no limit. */
    private static final long UNLIMITED = 1L << 40;

    private final MigrationPlan plan;
    private final QemuMachine source;
    private QemuMachine.Parameters before; // what QEMU had set; null as long as nothing else was
    private long faster = 1;
    private long heldSinceNs;
    private long heldNs;

    CopyPace(MigrationPlan plan, QemuMachine source) {
        this.plan = plan;
        this.source = source;
    }

    /** Notes what QEMU has set. From here on there is something to put back. */
    void remember() throws IOException {
        before = source.parameters();
    }

    boolean remembered() {
        return before != null;
    }

    void restore() throws IOException {
        source.setParameters(before.bytesPerSecond(), before.downtimeLimitMs());
    }

    /** Bytes per second of a copy that nothing holds back: what the plan says, or else what QEMU had set. */
    long bandwidth() {
        if (plan.bytesPerSecond() > 0) {
            return plan.bytesPerSecond();
        }
        return before.bytesPerSecond() > 0 ? before.bytesPerSecond() : UNLIMITED;
    }

    /** By how much the copy can become faster than it is now. */
    long faster() {
        return faster;
    }

    boolean held() {
        return heldSinceNs != 0;
    }

    /** For how long the copy was as good as stopped, in milliseconds. */
    long heldMs() {
        return (heldNs + (held() ? System.nanoTime() - heldSinceNs : 0)) / 1_000_000;
    }

    /** As fast as may be, and QEMU switches over when it can. */
    void free(long downtimeLimitMs) throws IOException {
        set(bandwidth(), downtimeLimitMs);
    }

    /** As fast as may be, unless the guest is small; no switch-over. */
    void begin() throws IOException {
        long memory = source.memoryBytes();
        long slow = memory / PAGE_BYTES * ZERO_PAGE_BYTES * 10 / SLOW_WINDOWS;
        set(memory > SMALL_BYTES ? bandwidth() : Math.max(HELD_BYTES_PER_SECOND, slow), HELD_DOWNTIME_MS);
    }

    /** As fast as may be; no switch-over. */
    void full() throws IOException {
        set(bandwidth(), HELD_DOWNTIME_MS);
    }

    /** As good as stopped; no switch-over. */
    void hold() throws IOException {
        set(HELD_BYTES_PER_SECOND, HELD_DOWNTIME_MS);
        heldSinceNs = System.nanoTime();
    }

    private void set(long bytesPerSecond, long downtimeLimitMs) throws IOException {
        long bytes = Math.min(bytesPerSecond, bandwidth());
        source.setParameters(bytes, downtimeLimitMs);
        faster = Math.max(1, bandwidth() / bytes);
        if (held()) {
            heldNs += System.nanoTime() - heldSinceNs;
            heldSinceNs = 0;
        }
    }
}
