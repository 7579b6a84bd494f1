package org.xenvmc.shm.ivshmem;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.provider.Mapping;

/**
 * A grant's part of the region. There is no interrupt: a sleeper is woken from inside its own VM only, by whoever hears of the
 * peer's frame or finds its signal.
 */
final class IvshmemMapping implements Mapping {
    private final Region region;
    private final ByteBuffer buffer;
    private final Set<Sleeper> sleepers = ConcurrentHashMap.newKeySet();
    private volatile boolean unmapped;

    private static final class Sleeper {
        final Thread thread = Thread.currentThread();
        final int offset;
        volatile boolean woken;

        Sleeper(int offset) {
            this.offset = offset;
        }
    }

    IvshmemMapping(Region region, int offset, int bytes) {
        this.region = region;
        this.buffer = region.slice(offset, bytes);
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public void awaitWord(int offset, int expected, long timeoutNs) {
        Sleeper self = new Sleeper(offset);
        sleepers.add(self);
        try {
            long startNs = System.nanoTime();
            for (long leftNs = timeoutNs; leftNs > 0 && sleeps(self, expected); ) {
                LockSupport.parkNanos(this, leftNs);
                leftNs = timeoutNs - (System.nanoTime() - startNs);
            }
        } finally {
            sleepers.remove(self);
        }
    }

    /** After the entry in sleepers: with wakeWord, whose caller changes the word before it looks there. */
    private boolean sleeps(Sleeper self, int expected) {
        return !self.woken
                && !unmapped
                && !self.thread.isInterrupted()
                && (int) RegionDescriptor.INT.getVolatile(buffer, self.offset) == expected;
    }

    @Override
    public void wakeWord(int offset, int count) {
        for (Sleeper s : sleepers) {
            if (s.offset == offset) {
                s.woken = true;
                LockSupport.unpark(s.thread);
            }
        }
    }

    @Override
    public boolean interrupts() {
        return false;
    }

    @Override
    public boolean present() {
        return region.present();
    }

    /** The memory stays mapped as long as the region is. */
    @Override
    public void unmap() {
        unmapped = true;
        for (Sleeper s : sleepers) {
            LockSupport.unpark(s.thread);
        }
    }
}
