package org.xenvmc.shm.file;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.syscall.Futex;
import org.xenvmc.shm.syscall.MappedRegion;

/**
 * The mapping of a grant. Sleeping and waking are safe at any time: they count themselves as users of the mapping, and
 * the memory is unmapped by the last user. {@link #unmap()} therefore wakes whoever sleeps here.
 */
final class MappedMemory implements Mapping {
    private static final long WAKE_AGAIN_NS = 20_000;
    private static final int WAKE_ATTEMPTS = 10_000;

    private final MappedRegion region;
    /** The owner is one user; 0 means unmapped, for ever. */
    private final AtomicInteger users = new AtomicInteger(1);

    private final AtomicBoolean unmapped = new AtomicBoolean();
    /** Sleepers by offset. */
    private final ConcurrentHashMap<Integer, Integer> sleepers = new ConcurrentHashMap<>(4);

    MappedMemory(MappedRegion region) {
        this.region = region;
    }

    @Override
    public ByteBuffer buffer() {
        return region.buffer();
    }

    @Override
    public void keepAddresses() {
        region.keepAddresses();
    }

    @Override
    public void awaitWord(int offset, int expected, long timeoutNs) {
        check(offset);
        if (!use()) {
            return;
        }
        try {
            sleepers.merge(offset, 1, Integer::sum);
            if (!unmapped.get()) { // after the entry in sleepers, with unmap, which sets this before it looks there
                Futex.await(region.address() + offset, expected, timeoutNs);
            }
        } finally {
            sleepers.computeIfPresent(offset, (o, n) -> n == 1 ? null : n - 1);
            release();
        }
    }

    @Override
    public void wakeWord(int offset, int count) {
        check(offset);
        if (use()) {
            try {
                Futex.wake(region.address() + offset, count);
            } finally {
                release();
            }
        }
    }

    private void check(int offset) {
        if (offset < 0 || offset > region.bytes() - Integer.BYTES || (offset & 3) != 0) {
            throw new IllegalArgumentException("offset " + offset + " of " + region.bytes());
        }
    }

    private boolean use() {
        for (int n = users.get(); n > 0; n = users.get()) {
            if (users.compareAndSet(n, n + 1)) {
                return true;
            }
        }
        return false;
    }

    private void release() {
        if (users.decrementAndGet() == 0) {
            region.unmap();
        }
    }

    @Override
    public void unmap() {
        if (!unmapped.compareAndSet(false, true)) {
            return;
        }
        wakeSleepers();
        release();
    }

    /** A sleeper may be between its last look and the kernel, so that it is woken until it is gone. */
    private void wakeSleepers() {
        for (int i = 0; i < WAKE_ATTEMPTS && !sleepers.isEmpty(); i++) {
            for (int offset : sleepers.keySet()) {
                Futex.wake(region.address() + offset, Integer.MAX_VALUE);
            }
            LockSupport.parkNanos(WAKE_AGAIN_NS);
        }
    }
}
