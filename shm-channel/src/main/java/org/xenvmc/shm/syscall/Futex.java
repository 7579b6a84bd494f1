package org.xenvmc.shm.syscall;

/** Sleeping on a word of shared memory (futex(2)), across processes: never the private form. */
public final class Futex {
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;
    private static final long NS_PER_S = 1_000_000_000L;

    private static final Arch ARCH = Arch.current();

    private Futex() {}

    /**
     * Sleeps while the word holds {@code expected}; ends with a wake, the time-out, a signal, or at once when the word
     * holds something else: the caller looks again in any case.
     *
     * @param address of the word, mapped, a multiple of 4
     * @param timeoutNs longest sleep in nanoseconds, {@link Long#MAX_VALUE} for no limit
     */
    public static void await(long address, int expected, long timeoutNs) {
        long[] timeout = timeoutNs == Long.MAX_VALUE
                ? null
                : new long[] {Math.max(0, timeoutNs) / NS_PER_S, Math.max(0, timeoutNs) % NS_PER_S};
        LibC.syscall(ARCH.sysFutex, address, FUTEX_WAIT, expected, timeout);
    }

    /**
     * Wakes up to {@code count} sleepers.
     *
     * @return how many were woken
     */
    public static int wake(long address, int count) {
        return (int) Math.max(0, LibC.syscall(ARCH.sysFutex, address, FUTEX_WAKE, count, null));
    }

    /** Whether the system has and permits this call: null, or what it said. */
    static Throwable probe() {
        LibC.syscall(ARCH.sysFutex, 0, FUTEX_WAKE, 1, null);
        int errno = LibC.lastError();
        return errno == Errno.ENOSYS || errno == Errno.EPERM ? new SyscallException("futex", "wake", errno) : null;
    }
}
