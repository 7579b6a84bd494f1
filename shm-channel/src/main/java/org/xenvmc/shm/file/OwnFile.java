package org.xenvmc.shm.file;

import java.io.IOException;
import org.xenvmc.shm.syscall.FileStatus;
import org.xenvmc.shm.syscall.Syscalls;

/** The check that stands before every mapping of a file that another process made. */
public final class OwnFile {
    private static final int OWNER_ONLY = 0600;

    private OwnFile() {}

    /**
     * Makes sure that an open file is a plain file of this user, for this user only, with the one name by which it was
     * opened, of this size and with all of it allocated: touching it cannot fail.
     */
    public static void check(FileStatus status, long bytes) throws IOException {
        require(status.regular(), "not a regular file");
        require(status.uid() == Syscalls.effectiveUid(), "of user " + status.uid());
        require(status.permissions() == OWNER_ONLY, "with permissions " + Integer.toOctalString(status.permissions()));
        require(status.links() == 1, "with " + status.links() + " names");
        require(status.size() == bytes, "of " + status.size() + " bytes instead of " + bytes);
        require(status.allocatedBytes() >= bytes, "with " + status.allocatedBytes() + " bytes allocated");
    }

    private static void require(boolean good, String otherwise) throws IOException {
        if (!good) {
            throw new IOException("a file " + otherwise);
        }
    }
}
