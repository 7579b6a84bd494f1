package org.xenvmc.shm.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.syscall.Syscalls;

/**
 * Gives out the numbers of VMs, counting upwards like Xen: a number is not given again soon, so that a message or a file of a
 * VM that left cannot be taken for one of the next. The last number is in the file {@code last-number}, 4 bytes, little
 * endian, changed under its lock.
 */
final class DomIds {
    static final String FILE = "last-number";
    /** Numbers begin at 1: on Xen, 0 is the host itself. */
    private static final int FIRST = 1;

    private static final int LAST = 999_999_999;
    private static final long LOCK_LIMIT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOCK_RETRY_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private DomIds() {}

    static int next(int dirFd) throws IOException {
        int fd = Syscalls.openOrCreate(dirFd, FILE);
        try {
            lock(fd);
            ByteBuffer b = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            int n = Syscalls.read(fd, b.array());
            int last = n < Integer.BYTES ? 0 : b.getInt(0);
            int next = last < FIRST || last >= LAST ? FIRST : last + 1;
            write(dirFd, b.putInt(0, next).array());
            return next;
        } finally {
            Syscalls.close(fd);
        }
    }

    private static void write(int dirFd, byte[] number) throws IOException {
        int fd = Syscalls.openToWrite(dirFd, FILE); // a descriptor of its own writes at the beginning
        try {
            Syscalls.write(fd, number);
        } finally {
            Syscalls.close(fd);
        }
    }

    private static void lock(int fd) throws IOException {
        long deadlineNs = System.nanoTime() + LOCK_LIMIT_NS;
        while (!Syscalls.tryLock(fd)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("the lock of " + FILE + " is held by a process that does not go on");
            }
            LockSupport.parkNanos(LOCK_RETRY_NS);
        }
    }
}
