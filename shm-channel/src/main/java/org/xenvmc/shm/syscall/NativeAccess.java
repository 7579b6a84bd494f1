package org.xenvmc.shm.syscall;

import org.xenvmc.transport.ReasonCode;

/** Whether system calls can be made at all: found out by making some, once. */
public final class NativeAccess {
    private static final ReasonCode REASON;
    private static final Throwable CAUSE;

    static {
        ReasonCode reason = ReasonCode.NONE;
        Throwable cause = null;
        if (Arch.current() == null) {
            reason = ReasonCode.UNSUPPORTED_PLATFORM;
            cause = new UnsupportedOperationException(
                    System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        } else {
            cause = probe();
            reason = cause == null ? ReasonCode.NONE : ReasonCode.NO_NATIVE_ACCESS;
        }
        REASON = reason;
        CAUSE = cause;
    }

    private NativeAccess() {}

    /** Linkage errors of every kind are the very thing that is looked for. */
    private static Throwable probe() {
        try {
            Syscalls.close(Syscalls.eventFd());
            return Futex.probe();
        } catch (Throwable t) {
            return t;
        }
    }

    /** Whether system calls are possible. */
    public static boolean available() {
        return REASON == ReasonCode.NONE;
    }

    /** NONE, UNSUPPORTED_PLATFORM or NO_NATIVE_ACCESS. */
    public static ReasonCode reason() {
        return REASON;
    }

    /** Why not, or null. */
    public static Throwable cause() {
        return CAUSE;
    }
}
