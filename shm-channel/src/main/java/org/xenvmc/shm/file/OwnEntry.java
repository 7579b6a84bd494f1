package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.ENTRY_BYTES;

import java.io.IOException;
import java.util.UUID;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;

/**
 * This VM's own entry. Its descriptor holds the lock that tells the others that this VM lives.
 *
 * @param domId number of this VM
 * @param entry the mapping
 * @param leaseFd the locked descriptor
 */
record OwnEntry(int domId, VmEntry entry, int leaseFd) {
    private static final int ATTEMPTS = 16;
    /** Makes an entry under the next number. */
    static OwnEntry create(HostDirectory directory, VmIdentity identity) throws IOException {
        return directory.use(dirFd -> {
            for (int i = 0; i < ATTEMPTS; i++) {
                OwnEntry own = tryCreate(dirFd, identity);
                if (own != null) {
                    return own;
                }
            }
            throw new IOException("unfinished files in " + directory.path() + " are removed by somebody");
        });
    }

    private static OwnEntry tryCreate(int dirFd, VmIdentity identity) throws IOException {
        String name = HostFileDescriptor.newName(UUID.randomUUID().toString());
        int fd = Syscalls.create(dirFd, name);
        VmEntry entry = null;
        OwnEntry own = null;
        try {
            if (!Syscalls.tryLock(fd) || Syscalls.status(fd).links() == 0) {
                return null; // a sweep came between the creation and the lock, and removes the file, or has done so
            }
            Syscalls.allocate(fd, ENTRY_BYTES);
            entry = VmEntry.map(fd);
            identity.write(entry.memory());
            int domId = nameIt(dirFd, name);
            own = domId < 0 ? null : new OwnEntry(domId, entry, fd);
            return own;
        } finally {
            if (own == null) {
                if (entry != null) {
                    entry.detach();
                }
                Syscalls.unlink(dirFd, name);
                Syscalls.close(fd);
            }
        }
    }

    /** Returns the number, or -1 when the file was swept away before it was locked. */
    private static int nameIt(int dirFd, String name) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int domId = DomIds.next(dirFd);
            try {
                Syscalls.renameWithoutReplacing(dirFd, name, HostFileDescriptor.entryName(domId));
                return domId;
            } catch (SyscallException e) {
                if (e.errno() == Errno.ENOENT) {
                    return -1;
                }
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
        throw new IOException(
                "the numbers after the last one are taken; delete " + DomIds.FILE + " when no VM is there");
    }

    /** Removes the entry: name, mapping and, last, the lock. Once. */
    void remove(HostDirectory directory) throws IOException {
        entry.sayGoodBye();
        try {
            directory.use(dirFd -> Syscalls.unlink(dirFd, HostFileDescriptor.entryName(domId)));
        } finally {
            entry.detach();
            Syscalls.close(leaseFd);
        }
    }
}
