package org.xenvmc.shm.syscall;

import java.io.IOException;

/** A system call failed; the message names the call, what it was applied to and the error number. */
public final class SyscallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    SyscallException(String call, String argument, int errno) {
        super(call + "(" + argument + "): " + Errno.name(errno) + " (" + errno + ")");
        this.call = call;
        this.errno = errno;
    }

    /** Name of the call. */
    public String call() {
        return call;
    }

    /** The error number, see {@link Errno}. */
    public int errno() {
        return errno;
    }
}
