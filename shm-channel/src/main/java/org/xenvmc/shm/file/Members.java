package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.FileStatus;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;

/**
 * The other members of the host, kept equal to what is in the directory by comparing the two, name by name, whenever
 * something may have happened to a name. Changed by one thread at a time; read by any.
 */
final class Members {
    private static final Logger LOG = System.getLogger(Members.class.getName());

    private final HostDirectory directory;
    private final FileMember self;
    private final long epoch;
    private final HostListener listener;
    private final Map<Integer, FileMember> others = new ConcurrentHashMap<>();

    Members(HostDirectory directory, FileMember self, long epoch, HostListener listener) {
        this.directory = directory;
        this.self = self;
        this.epoch = epoch;
        this.listener = listener;
    }

    FileMember get(int domId) {
        return domId == self.id().domId() ? self : others.get(domId);
    }

    Collection<FileMember> others() {
        return others.values();
    }

    /** Compares everything; returns the numbers of all entries but the own one. */
    Collection<Integer> compareAll() {
        TreeSet<Integer> numbers = new TreeSet<>(others.keySet());
        try {
            for (String name : directory.names()) {
                numbers.add(HostFileDescriptor.entryNumber(name));
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot list the host directory " + directory.path(), e);
        }
        numbers.removeAll(List.of(-1, self.id().domId()));
        numbers.forEach(this::compare);
        return numbers;
    }

    /** Compares one entry with what is known of it: tells the listener who joined and who left. */
    void compare(int domId) {
        FileMember known = others.get(domId);
        try {
            FileStatus there = directory.use(dirFd -> status(dirFd, domId));
            if (known != null && (there == null || !known.entry().isOf(there))) {
                leave(domId, known);
                known = null;
            }
            if (known == null && there != null) {
                join(domId);
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "ignored {0}/{1}: {2}",
                    directory.path(),
                    HostFileDescriptor.entryName(domId),
                    e.getMessage());
        }
    }

    private static FileStatus status(int dirFd, int domId) throws SyscallException {
        int fd;
        try {
            fd = Syscalls.openToRead(dirFd, HostFileDescriptor.entryName(domId));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
        try {
            FileStatus status = Syscalls.status(fd);
            return status.links() == 0 ? null : status;
        } finally {
            Syscalls.close(fd);
        }
    }

    private void join(int domId) throws IOException {
        VmEntry entry = directory.use(dirFd -> {
            int fd = Syscalls.openToWrite(dirFd, HostFileDescriptor.entryName(domId));
            try {
                return VmEntry.map(fd);
            } finally {
                Syscalls.close(fd);
            }
        });
        FileMember member;
        try {
            VmIdentity identity = VmIdentity.read(entry.memory());
            if (identity.epoch() != epoch) {
                throw new IOException("of epoch " + identity.epoch() + " instead of " + epoch);
            }
            member = new FileMember(domId, identity, entry);
        } catch (IOException e) {
            entry.detach();
            throw e;
        }
        others.put(domId, member);
        LOG.log(Level.DEBUG, "{0} joined {1}", member, directory.path());
        tell(() -> listener.joined(member));
    }

    private void leave(int domId, FileMember member) {
        boolean died = !member.entry().saidGoodBye();
        others.remove(domId);
        member.end();
        LOG.log(Level.DEBUG, "{0} {1} {2}", member, died ? "died in" : "left", directory.path());
        tell(() -> listener.left(member, died));
        member.entry().detach();
    }

    /** This VM leaves: the others are not its members any more; nobody is told. */
    void detachAll() {
        for (FileMember member : others.values()) {
            member.end();
            member.entry().detach();
        }
        others.clear();
    }

    private static void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a listener failed", e);
        }
    }
}
