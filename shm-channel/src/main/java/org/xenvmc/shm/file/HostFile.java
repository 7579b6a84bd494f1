package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.HostFileDescriptor.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.UUID;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/**
 * What the {@code host} file says, see {@link HostFileDescriptor}.
 *
 * @param uuid the host's identity
 * @param epoch number of its present life, positive
 */
record HostFile(UUID uuid, long epoch) {
    private static final int ATTEMPTS = 16;
    private static final int EPOCH_BITS = 48;

    /** Reads a directory's host file, after writing it if it is not there; whoever comes at the same time agrees. */
    static HostFile readOrCreate(HostDirectory directory) throws ProviderException {
        try {
            return directory.use(dirFd -> {
                for (int i = 0; i < ATTEMPTS; i++) {
                    HostFile found = read(directory, dirFd);
                    if (found != null) {
                        return found;
                    }
                    create(dirFd);
                }
                throw new IOException("it comes and goes");
            });
        } catch (ProviderException e) {
            throw e;
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                throw HostDirectory.noSpace(directory.path(), e);
            }
            throw HostDirectory.unusable(directory.path(), "cannot be written", e);
        } catch (IOException e) {
            throw HostDirectory.unusable(directory.path(), "has no usable host file", e);
        }
    }

    private static HostFile read(HostDirectory directory, int dirFd) throws IOException {
        int fd;
        try {
            fd = Syscalls.openToRead(dirFd, HOST_FILE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
        try {
            byte[] bytes = new byte[HOST_FILE_BYTES + 1];
            int n = Syscalls.read(fd, bytes);
            return parse(directory.path(), ByteBuffer.wrap(bytes, 0, n).order(ByteOrder.LITTLE_ENDIAN));
        } finally {
            Syscalls.close(fd);
        }
    }

    private static HostFile parse(String path, ByteBuffer b) throws ProviderException {
        if (b.remaining() < UUID_HIGH_OFFSET || b.getLong(MAGIC_OFFSET) != MAGIC) {
            throw HostDirectory.unusable(
                    path, "has a host file that is none of ours; name another directory, or delete that file", null);
        }
        int version = b.getInt(VERSION_OFFSET);
        if (version != LAYOUT_VERSION) {
            throw new ProviderException(
                    ReasonCode.VERSION_MISMATCH,
                    "host directory " + path + " has layout version " + version + ", this library has " + LAYOUT_VERSION
                            + "; use the same version of the library in all VMs, or another directory",
                    null);
        }
        if (b.remaining() != HOST_FILE_BYTES || b.getLong(EPOCH_OFFSET) <= 0) {
            throw HostDirectory.unusable(path, "has a damaged host file; delete it when no VM uses it", null);
        }
        return new HostFile(new UUID(b.getLong(UUID_HIGH_OFFSET), b.getLong(UUID_LOW_OFFSET)), b.getLong(EPOCH_OFFSET));
    }

    /** Written under another name, then named, so that nobody sees half of it. */
    private static void create(int dirFd) throws IOException {
        UUID uuid = UUID.randomUUID();
        long epoch = 1 + (new SecureRandom().nextLong() >>> (Long.SIZE - EPOCH_BITS));
        ByteBuffer b = ByteBuffer.allocate(HOST_FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(MAGIC_OFFSET, MAGIC).putInt(VERSION_OFFSET, LAYOUT_VERSION);
        b.putLong(UUID_HIGH_OFFSET, uuid.getMostSignificantBits());
        b.putLong(UUID_LOW_OFFSET, uuid.getLeastSignificantBits());
        b.putLong(EPOCH_OFFSET, epoch);
        String name = newName("host-" + uuid);
        int fd = Syscalls.create(dirFd, name);
        try {
            if (Syscalls.tryLock(fd)) {
                Syscalls.write(fd, b.array());
                Syscalls.renameWithoutReplacing(dirFd, name, HOST_FILE);
            }
        } catch (SyscallException e) {
            Syscalls.unlink(dirFd, name);
            // EEXIST: somebody was faster; ENOENT: somebody's sweep was, before the lock was taken
            if (e.errno() != Errno.EEXIST && e.errno() != Errno.ENOENT) {
                throw e;
            }
        } finally {
            Syscalls.close(fd);
        }
    }
}
