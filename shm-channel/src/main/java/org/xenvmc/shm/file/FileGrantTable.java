package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.MappedRegion;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/** Grants as files {@code grants/grant-<owner>-<number>-<peer>}. All of the file is the grant: it has no header. */
final class FileGrantTable implements GrantTable {
    private static final Logger LOG = System.getLogger(FileGrantTable.class.getName());

    private final HostDirectory directory;
    private final Members members;
    private final int self;
    private final long budgetBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, FileGrant> grants = new ConcurrentHashMap<>();
    private volatile boolean ended;

    FileGrantTable(HostDirectory directory, Members members, int self, long budgetBytes) {
        this.directory = directory;
        this.members = members;
        this.self = self;
        this.budgetBytes = budgetBytes;
    }

    private final class FileGrant implements Grant {
        private final GrantRef ref;
        private final String name;
        private final MappedMemory mapping;
        private final AtomicBoolean revoked = new AtomicBoolean();

        FileGrant(GrantRef ref, String name, MappedMemory mapping) {
            this.ref = ref;
            this.name = name;
            this.mapping = mapping;
        }

        @Override
        public GrantRef ref() {
            return ref;
        }

        @Override
        public Mapping mapping() {
            return mapping;
        }

        @Override
        public void revoke() {
            if (revoked.compareAndSet(false, true)) {
                if (grants.remove(ref.number(), this)) {
                    unlink(name);
                }
                mapping.unmap();
                usedBytes.addAndGet(-ref.bytes());
            }
        }
    }

    @Override
    public Grant grant(Member peer, int bytes) throws ProviderException {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a grant of " + bytes + " bytes");
        }
        int peerId = peer.id().domId();
        if (!peer.alive() || members.get(peerId) != peer) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, peer + " is no member of " + directory.path(), null);
        }
        reserve(bytes);
        FileGrant grant;
        boolean done = false;
        try {
            grant = create(peerId, bytes);
            done = true;
        } finally {
            if (!done) {
                usedBytes.addAndGet(-bytes);
            }
        }
        if (ended) {
            grant.revoke();
            throw new ProviderException(ReasonCode.GRANT_FAILED, "this VM is ending", null);
        }
        return grant;
    }

    private void reserve(int bytes) throws ProviderException {
        if (usedBytes.addAndGet(bytes) > budgetBytes) {
            long others = usedBytes.addAndGet(-bytes);
            throw new ProviderException(
                    ReasonCode.BUDGET_EXHAUSTED,
                    others + " of " + budgetBytes + " bytes are granted, " + bytes
                            + " more are asked for (xenvmc.memory." + "budget, and half of what was free in "
                            + directory.path() + ")",
                    null);
        }
    }

    private FileGrant create(int peerId, int bytes) throws ProviderException {
        GrantRef ref = new GrantRef(self, numbers.incrementAndGet(), bytes);
        String name = HostFileDescriptor.grantName(self, ref.number(), peerId);
        try {
            // inside, so that leaving, which waits for uses to end, finds either no file or the grant in the map
            return directory.useGrants(grantsFd -> {
                FileGrant grant = new FileGrant(ref, name, new MappedMemory(createAndMap(grantsFd, name, bytes)));
                grants.put(
                        ref.number(), grant); // before the look at ended, which is written before the look at the map
                return grant;
            });
        } catch (IOException e) {
            throw failed("cannot grant " + bytes + " bytes to VM " + peerId, e);
        }
    }

    private static MappedRegion createAndMap(int grantsFd, String name, int bytes) throws SyscallException {
        int fd = Syscalls.create(grantsFd, name);
        try {
            Syscalls.allocate(fd, bytes);
            return MappedRegion.map(fd, bytes);
        } catch (SyscallException e) {
            Syscalls.unlink(grantsFd, name);
            throw e;
        } finally {
            Syscalls.close(fd);
        }
    }

    @Override
    public Mapping map(GrantRef ref) throws ProviderException {
        FileMember owner = members.get(ref.ownerDomId());
        if (owner == null || !owner.alive() || ref.bytes() <= 0) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, ref + " is of no member of " + directory.path(), null);
        }
        String name = HostFileDescriptor.grantName(ref.ownerDomId(), ref.number(), self);
        try {
            return directory.useGrants(grantsFd -> {
                int fd = Syscalls.openToWrite(grantsFd, name);
                try {
                    OwnFile.check(Syscalls.status(fd), ref.bytes());
                    return new MappedMemory(MappedRegion.map(fd, ref.bytes()));
                } finally {
                    Syscalls.close(fd);
                }
            });
        } catch (IOException e) {
            throw failed("cannot map " + ref, e);
        }
    }

    private ProviderException failed(String what, IOException e) {
        boolean space = e instanceof SyscallException s
                && (s.errno() == Errno.ENOSPC || s.errno() == Errno.EDQUOT || s.errno() == Errno.ENOMEM);
        return new ProviderException(
                space ? ReasonCode.NO_SPACE : ReasonCode.GRANT_FAILED,
                what + " in " + directory.path() + ": " + e.getMessage(),
                e);
    }

    private void unlink(String name) {
        try {
            directory.useGrants(grantsFd -> Syscalls.unlink(grantsFd, name));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "grant {0} may be left in {1}: {2}", name, directory.path(), e.getMessage());
        }
    }

    @Override
    public long availableBytes() {
        try {
            return Math.max(0, Math.min(budgetBytes - usedBytes.get(), directory.freeBytes()));
        } catch (IOException e) {
            return 0; // left the host
        }
    }

    /** There will be no more grants, and nobody maps those that are there. */
    void endAll() {
        ended = true;
        withdrawAll();
    }

    /** Takes the names of all grants away: nobody maps them any more. Their mappings belong to their users. */
    void withdrawAll() {
        for (FileGrant grant : grants.values()) {
            if (grants.remove(grant.ref.number(), grant)) {
                unlink(grant.name);
            }
        }
    }
}
