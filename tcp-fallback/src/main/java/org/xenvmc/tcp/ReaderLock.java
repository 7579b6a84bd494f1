package org.xenvmc.tcp;

import static org.xenvmc.transport.spi.ByteStream.FOREVER;
import static org.xenvmc.transport.spi.ByteStream.NON_BLOCKING;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;

/**
 * How those who take bytes come by the lock of the incoming direction: a read waits for another one no longer than it may wait for
 * bytes, as the sockets of JDK 25 do, and who only looks does not wait for a read at all.
 */
final class ReaderLock {
    private static final long SHORTLY_NS = 1_000_000;
    private static final VarHandle WAITS;

    static {
        try {
            WAITS = MethodHandles.lookup().findVarHandle(ReaderLock.class, "waits", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PathLock lock;

    /** Whether the holder is a read that may wait. Written by the holder, without a fence. */
    private volatile boolean waits;

    ReaderLock(PathLock lock) {
        this.lock = lock;
    }

    /** Takes the lock for a read with this limit; returns what is left of it. */
    long lock(long timeoutNs) throws SocketTimeoutException {
        if (timeoutNs == NON_BLOCKING || timeoutNs == FOREVER) {
            lock.lock();
            return timeoutNs;
        }
        if (lock.tryLockOnce()) {
            return timeoutNs;
        }
        long beginNs = System.nanoTime();
        if (!lock.tryLockFor(timeoutNs)) {
            throw new SocketTimeoutException("Read timed out");
        }
        return Math.max(1, timeoutNs - (System.nanoTime() - beginNs));
    }

    /** Said by the holder: from now on it may wait for bytes, or not any more. */
    void waits(boolean now) {
        WAITS.setRelease(this, now);
    }

    /** Takes the lock unless a read holds it that may wait, and so takes what comes. */
    boolean lockUnlessRead() {
        while (!lock.tryLockOnce()) {
            if ((boolean) WAITS.getAcquire(this)) {
                return false;
            }
            if (lock.tryLockFor(SHORTLY_NS)) {
                return true; // somebody who did not wait for bytes
            }
        }
        return true;
    }
}
