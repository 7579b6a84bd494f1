package org.xenvmc.migration.qmp;

/**
 * Tells from looks at what remains to be copied when it is time to ask the guest to leave shared memory: when little
 * remains, or when so little time remains that QEMU may be through before the guest has answered. An idle guest, or one
 * whose memory is mostly zero, is copied far quicker than its bandwidth says, because a page of zeros is sent as a few
 * bytes. For one thread.
 */
final class RemainingMemory {
    /** QEMU sends in bursts, one for each 100 ms: a speed is measured over at least so long. */
    static final long WINDOW_NS = 100_000_000;
    /** What QEMU must not need less than for the rest. */
    private static final long MARGIN_WINDOWS = 2;

    private static final long MARGIN_LOOKS = 2;

    private final long littleBytes;
    private long last = -1;
    private long lastDrop;
    private long windowNs;
    private long windowBytes;
    private long dropPerWindow;

    RemainingMemory(long littleBytes) {
        this.littleBytes = littleBytes;
    }

    /** Notes what remains at a time of {@link System#nanoTime()}. */
    void look(long nowNs, long bytes) {
        if (last < 0) {
            windowNs = nowNs;
        } else if (bytes < last) { // more only means that the guest has dirtied pages
            lastDrop = last - bytes;
            windowBytes += lastDrop;
        } else {
            lastDrop = 0;
        }
        last = bytes;
        if (nowNs - windowNs >= WINDOW_NS) {
            dropPerWindow = windowBytes * WINDOW_NS / (nowNs - windowNs);
            windowBytes = 0;
            windowNs = nowNs;
        }
    }

    /** Whether no more than so many bytes remained at the last look. */
    boolean isWithin(long bytes) {
        return last >= 0 && last - littleBytes <= bytes;
    }

    /** Whether the copy has to wait for the guest, if from now on the bandwidth is so many times what it was. */
    boolean isLittle(long speedUp) {
        return last >= 0
                && (last <= littleBytes
                        || last / speedUp <= MARGIN_LOOKS * lastDrop
                        || last / speedUp <= MARGIN_WINDOWS * dropPerWindow);
    }
}
