package org.xenvmc.shm.ivshmem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.file.OwnFile;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.NativeAccess;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/**
 * The file behind the ivshmem devices of a host's guests, as the host's agent owns it: made with a header that names
 * this host and a new epoch, all its space allocated before anybody maps it, for its owner only. One process at a time
 * owns it (an {@code flock} on it, which ends with the process). An owner that died leaves it to its guests, and to the
 * next owner. Not thread-safe.
 */
public final class RegionFile implements AutoCloseable {
    /** Least size in bytes. */
    public static final long MIN_BYTES = 1 << 20;
    /** Largest size in bytes. */
    public static final long MAX_BYTES = 1 << 30;

    private static final int ATTEMPTS = 16;
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** A VM that lives has shown it after so many tenths of a lease. */
    private static final int BEATS_TO_WAIT = 5;

    private final Path file;
    private final int fd;
    private final Region region;
    private final boolean created;
    private boolean closed;

    private RegionFile(Path file, int fd, Region region, boolean created) {
        this.file = file;
        this.fd = fd;
        this.region = region;
        this.created = created;
    }

    /**
     * Makes the file, or takes it over from an owner that died, with whatever is going on in it.
     *
     * @param file its path; its directory has to exist
     * @param bytes its size, a power of two from {@link #MIN_BYTES} to {@link #MAX_BYTES}
     * @param vms for how many guests, 0 for as many as suit the size; the owner has a place beside them. Ignored if the
     *     file is there
     * @throws ProviderException when it is a link, somebody else's, owned by another process, of another size, no
     *     region, or there is no space for it; the message says what to do
     */
    public static RegionFile open(Path file, long bytes, int vms) throws ProviderException {
        if (!NativeAccess.available()) {
            throw new ProviderException(
                    NativeAccess.reason(), NativeAccess.reason().explanation(), NativeAccess.cause());
        }
        if (bytes < MIN_BYTES || bytes > MAX_BYTES || Long.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("a region of " + bytes + " bytes: it has to be a power of two from "
                    + MIN_BYTES + " to " + MAX_BYTES);
        }
        Path path = file.toAbsolutePath().normalize();
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                RegionFile region = exists(path) ? takeOver(path, bytes) : create(path, (int) bytes, vms);
                if (region != null) {
                    return region;
                }
            }
        } catch (SyscallException e) {
            throw failed(path, e);
        }
        throw refused(path, "comes and goes: somebody else uses this name", null);
    }

    private static boolean exists(Path path) {
        return Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    private static ProviderException failed(Path path, SyscallException e) {
        return switch (e.errno()) {
            case Errno.ENOSPC, Errno.EDQUOT, Errno.ENOMEM ->
                new ProviderException(
                        ReasonCode.NO_SPACE,
                        "no space for the region " + path + " (df " + path.getParent() + "): " + e.getMessage(),
                        e);
            case Errno.ELOOP -> refused(path, "is a symbolic link; name a file itself", e);
            case Errno.ENOENT -> refused(path, "cannot be made: its directory does not exist", e);
            default -> refused(path, "cannot be used", e);
        };
    }

    private static ProviderException refused(Path path, String why, Throwable cause) {
        String detail = cause == null ? "" : ": " + cause.getMessage();
        return new ProviderException(ReasonCode.GRANT_FAILED, "the region " + path + " " + why + detail, cause);
    }

    /** Returns null when the file vanished. */
    private static RegionFile takeOver(Path path, long bytes) throws ProviderException, SyscallException {
        int fd;
        try {
            fd = Syscalls.openToWrite(Syscalls.AT_CWD, path.toString());
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
        RegionFile taken = null;
        try {
            OwnFile.check(Syscalls.status(fd), bytes);
            if (!Syscalls.tryLock(fd)) {
                throw refused(path, "is owned by another process, such as an agent that is running", null);
            }
            Region region = Region.map(fd, (int) bytes);
            Formatter.open(region, 0);
            taken = new RegionFile(path, fd, region, false);
            return taken;
        } catch (ProviderException | SyscallException e) {
            throw e;
        } catch (IOException e) {
            throw refused(path, "is not one that may be used; name another, or delete it if no guest uses it", e);
        } finally {
            if (taken == null) {
                Syscalls.close(fd);
            }
        }
    }

    /** Under another name first, so that nobody meets half of it. Returns null when somebody else was faster. */
    private static RegionFile create(Path path, int bytes, int vms) throws ProviderException, SyscallException {
        Path draft = path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID());
        int fd = Syscalls.create(Syscalls.AT_CWD, draft.toString());
        RegionFile made = null;
        try {
            if (!Syscalls.tryLock(fd)) {
                throw refused(path, "was locked by somebody else while it was made", null);
            }
            Syscalls.allocate(fd, bytes);
            Region region = Region.map(fd, bytes);
            int guests = vms > 0 ? vms : RegionDescriptor.placesFor(bytes);
            Formatter.write(region, Math.min(guests + 1, RegionDescriptor.MAX_PLACES), HostIdentity.uuid());
            Formatter.open(region, 0);
            Syscalls.renameWithoutReplacing(Syscalls.AT_CWD, draft.toString(), path.toString());
            made = new RegionFile(path, fd, region, true);
            return made;
        } catch (SyscallException e) {
            if (e.errno() == Errno.EEXIST) {
                return null;
            }
            throw e;
        } finally {
            if (made == null) {
                Syscalls.unlink(Syscalls.AT_CWD, draft.toString());
                Syscalls.close(fd);
            }
        }
    }

    /** Its path, absolute. */
    public Path file() {
        return file;
    }

    /** Its name as a host, for {@link IvshmemHostProvider}. */
    public String hostName() {
        return IvshmemHostProvider.hostName(file);
    }

    /** Its size. */
    public long bytes() {
        return region.bytes();
    }

    /** How many places it has, the owner's among them. */
    public int places() {
        return region.places();
    }

    /** Identity of the physical host. */
    public UUID host() {
        return region.host();
    }

    /** Number of the region's present life. */
    public long epoch() {
        return region.epoch();
    }

    /** Whether it was made now; else it was there. */
    public boolean created() {
        return created;
    }

    /**
     * Gives it up: removes it if no VM lives in it, else leaves it to them and to the next owner. Blocks for a while
     * ({@value #BEATS_TO_WAIT} tenths of a lease) when there are places whose VMs may be dead. Once.
     *
     * @return whether it is removed
     */
    public boolean giveUp() {
        if (closed) {
            return false;
        }
        boolean remove = !anybodyLives();
        try {
            if (remove && isStillThere()) {
                Syscalls.unlink(Syscalls.AT_CWD, file.toString());
            }
            return remove;
        } catch (SyscallException e) {
            return false;
        } finally {
            close();
        }
    }

    private boolean isStillThere() throws SyscallException {
        int there;
        try {
            there = Syscalls.openToRead(Syscalls.AT_CWD, file.toString());
        } catch (SyscallException e) {
            return false;
        }
        try {
            return Syscalls.status(there).sameFile(Syscalls.status(fd));
        } finally {
            Syscalls.close(there);
        }
    }

    /** A VM that lives beats; one beat alone may be the last of one that is just leaving. */
    private boolean anybodyLives() {
        Place[] places = new Place[region.places()];
        long[] seen = new long[places.length];
        int[] beats = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place(region, i);
            seen[i] = places[i].heartbeat();
        }
        long endNs = System.nanoTime() + IvshmemHostProvider.leaseNs() / 10 * BEATS_TO_WAIT;
        boolean taken = true;
        while (taken && System.nanoTime() - endNs < 0) {
            taken = false;
            for (int i = 0; i < places.length; i++) {
                boolean owned = places[i].owner() != 0;
                long beat = places[i].heartbeat();
                beats[i] += beat == seen[i] ? 0 : 1;
                seen[i] = beat;
                if (owned && beats[i] > 1) {
                    return true;
                }
                taken |= owned;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
        return false;
    }

    /** Lets it go without a look: whoever lives in it goes on. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            region.detach();
            Syscalls.close(fd);
        }
    }
}
