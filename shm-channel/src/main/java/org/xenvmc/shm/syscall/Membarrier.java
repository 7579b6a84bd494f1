package org.xenvmc.shm.syscall;

import org.xenvmc.transport.spi.AsymmetricFence;

/**
 * Fences on all processors that run a process which takes part (membarrier(2), MEMBARRIER_CMD_GLOBAL_EXPEDITED; Linux 4.16).
 * Taking part is registered once for a process, when this class is first used.
 */
public final class Membarrier {
    private static final int QUERY = 0;
    private static final int GLOBAL_EXPEDITED = 1 << 1;
    private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;
    private static final int NEEDED = GLOBAL_EXPEDITED | REGISTER_GLOBAL_EXPEDITED;

    private static final int NUMBER = Arch.current().sysMembarrier;
    private static final AsymmetricFence FENCE = register();

    private Membarrier() {}

    /** The fence: symmetric where the system does not have or permit the call. */
    public static AsymmetricFence fence() {
        return FENCE;
    }

    private static AsymmetricFence register() {
        long commands = LibC.syscall(NUMBER, QUERY, 0);
        boolean usable = commands > 0
                && (commands & NEEDED) == NEEDED
                && LibC.syscall(NUMBER, REGISTER_GLOBAL_EXPEDITED, 0) == 0
                && LibC.syscall(NUMBER, GLOBAL_EXPEDITED, 0) == 0;
        return usable ? AsymmetricFence.of(Membarrier::run) : AsymmetricFence.SYMMETRIC;
    }

    private static void run() {
        if (LibC.syscall(NUMBER, GLOBAL_EXPEDITED, 0) != 0) {
            // cannot happen after the first success; going on would mean to lose wake-ups silently
            throw new IllegalStateException(Syscalls.failed("membarrier", "GLOBAL_EXPEDITED"));
        }
    }
}
