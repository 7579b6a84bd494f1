package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;

/**
 * Removes what dead VMs left in a host directory. A VM lives while the lock on its entry is held; the kernel lets it go
 * however the VM ends. Whoever gets the lock of an entry that still has its name is its heir: he alone removes the dead
 * VM's grants, and after that the entry, so that the number is not given away before all is clean.
 */
final class Reaper {
    private static final Logger LOG = System.getLogger(Reaper.class.getName());

    private final HostDirectory directory;

    Reaper(HostDirectory directory) {
        this.directory = directory;
    }

    /**
     * Removes a VM's entry and grants if it is dead.
     *
     * @return whether it was dead, or already gone
     */
    boolean reapIfDead(int domId) {
        return removeIfUnlocked(HostFileDescriptor.entryName(domId), () -> removeGrantsOf(domId));
    }

    /** Removes everything that dead VMs left. */
    void sweep() throws IOException {
        // the grants are listed before the entries: the owner of each had an entry then
        List<String> grants = directory.grantNames();
        Set<Integer> living = new HashSet<>();
        for (String name : directory.names()) {
            int domId = HostFileDescriptor.entryNumber(name);
            if (domId >= 0 && !reapIfDead(domId)) {
                living.add(domId);
            } else if (HostFileDescriptor.isNewName(name)) {
                removeIfUnlocked(name, () -> {});
            }
        }
        for (String name : grants) {
            int[] parties = HostFileDescriptor.grantParties(name);
            if (parties != null && !living.contains(parties[0])) {
                removeGrant(name);
            }
        }
    }

    private boolean removeIfUnlocked(String name, Runnable first) {
        try {
            return directory.use(dirFd -> {
                int fd;
                try {
                    fd = Syscalls.openToRead(dirFd, name);
                } catch (SyscallException e) {
                    if (e.errno() == Errno.ENOENT) {
                        return true;
                    }
                    throw e;
                }
                try {
                    return removeIfUnlocked(dirFd, fd, name, first);
                } finally {
                    Syscalls.close(fd);
                }
            });
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot tell whether {0}/{1} is alive: {2}", directory.path(), name, e.getMessage());
            return false;
        }
    }

    /** With the lock held, a file that has a name has it until we take it away: names are never replaced. */
    private static boolean removeIfUnlocked(int dirFd, int fd, String name, Runnable first) throws IOException {
        if (!Syscalls.tryLock(fd)) {
            return Syscalls.status(fd).links() == 0;
        }
        if (Syscalls.status(fd).links() > 0) {
            first.run();
            Syscalls.unlink(dirFd, name);
            LOG.log(Level.DEBUG, "removed {0}: its owner is dead", name);
        }
        return true;
    }

    /** Removes the files of all grants by or for a VM. */
    void removeGrantsOf(int domId) {
        try {
            for (String name : directory.grantNames()) {
                int[] parties = HostFileDescriptor.grantParties(name);
                if (parties != null && (parties[0] == domId || parties[1] == domId)) {
                    removeGrant(name);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "grants of VM {0} may be left in {1}: {2}", domId, directory.path(), e.getMessage());
        }
    }

    private void removeGrant(String name) {
        try {
            directory.useGrants(grantsFd -> Syscalls.unlink(grantsFd, name));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot remove {0}/grants/{1}: {2}", directory.path(), name, e.getMessage());
        }
    }
}
