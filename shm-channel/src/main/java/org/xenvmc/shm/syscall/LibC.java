package org.xenvmc.shm.syscall;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The C library, mapped directly. Sizes are those of LP64. Paths are bytes ending in NUL. Arrays are copied to native
 * memory before and back after a call. Variadic functions are given a fixed form: on both supported processors integer
 * arguments travel the same way.
 */
final class LibC {
    static {
        Native.register(LibC.class, NativeLibrary.getProcess());
    }

    private LibC() {}

    static int lastError() {
        return Native.getLastError();
    }

    static native int openat(int dirFd, byte[] path, int flags, int mode);

    static native int mkdirat(int dirFd, byte[] path, int mode);

    static native int unlinkat(int dirFd, byte[] path, int flags);

    static native int close(int fd);

    static native long read(int fd, byte[] buffer, long count);

    static native long write(int fd, byte[] buffer, long count);

    static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(long address, long length);

    static native int posix_fallocate(int fd, long offset, long length);

    static native int flock(int fd, int operation);

    static native int eventfd(int initial, int flags);

    static native int inotify_init1(int flags);

    static native int inotify_add_watch(int fd, byte[] path, int mask);

    static native int poll(byte[] pollFds, long count, int timeoutMs);

    static native int geteuid();

    /** The argument is a structure. */
    static native int ioctl(int fd, long request, byte[] argument);

    /** SYS_userfaultfd. */
    static native long syscall(long number, long flags);

    /** SYS_membarrier. */
    static native long syscall(long number, long command, long flags);

    /** SYS_fstat. */
    static native long syscall(long number, long fd, byte[] stat);

    /** SYS_renameat2. */
    static native long syscall(long number, long oldDirFd, byte[] oldPath, long newDirFd, byte[] newPath, long flags);

    /** SYS_futex; the time-out is two longs, seconds and nanoseconds, or null. */
    static native long syscall(long number, long address, long operation, long value, long[] timeout);
}
