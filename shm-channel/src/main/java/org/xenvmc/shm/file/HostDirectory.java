package org.xenvmc.shm.file;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.FileStatus;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/**
 * An open host directory and the directory of grants in it. What is done in it is done through its descriptor, so that
 * whatever is put at its path later does not matter. Thread-safe; after {@link #close()} every use fails.
 */
final class HostDirectory {
    private static final int OWNER_ONLY = 0700;

    /** Something to do while the directory is open. */
    @FunctionalInterface
    interface Use<T> {
        T with(int dirFd) throws IOException;
    }

    private final String path;
    private final int fd;
    private final int grantsFd;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private HostDirectory(String path, int fd, int grantsFd) {
        this.path = path;
        this.fd = fd;
        this.grantsFd = grantsFd;
    }

    /**
     * Opens a host's directory, and makes it when it is not there.
     *
     * @throws ProviderException HOST_DIRECTORY_UNUSABLE, saying what is wrong and what to do
     */
    static HostDirectory open(String given) throws ProviderException {
        String path = withoutTrailingSlash(given);
        int fd = openChecked(Syscalls.AT_CWD, path, path);
        try {
            return new HostDirectory(path, fd, openChecked(fd, HostFileDescriptor.GRANTS_DIRECTORY, path + "/grants"));
        } catch (ProviderException e) {
            Syscalls.close(fd);
            throw e;
        }
    }

    /** With a slash behind it, a symbolic link would be followed. */
    private static String withoutTrailingSlash(String path) throws ProviderException {
        if (path != null && !path.isEmpty()) {
            try {
                return Path.of(path).toString();
            } catch (InvalidPathException e) {
                throw unusable(path, "is not a path; set xenvmc.host.dir", e);
            }
        }
        throw unusable("''", "is not a path; set xenvmc.host.dir", null);
    }

    private static int openChecked(int dirFd, String name, String path) throws ProviderException {
        make(dirFd, name, path);
        int fd;
        try {
            fd = Syscalls.openDirectory(dirFd, name);
        } catch (SyscallException e) {
            throw unusable(path, explain(e), e);
        }
        try {
            check(Syscalls.status(fd), path);
            return fd;
        } catch (SyscallException e) {
            Syscalls.close(fd);
            throw unusable(path, "cannot be examined", e);
        } catch (ProviderException e) {
            Syscalls.close(fd);
            throw e;
        }
    }

    private static void make(int dirFd, String name, String path) throws ProviderException {
        try {
            Syscalls.makeDirectory(dirFd, name, OWNER_ONLY);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                throw noSpace(path, e);
            }
            if (e.errno() != Errno.EEXIST) {
                throw unusable(path, "does not exist and cannot be made", e);
            }
        }
    }

    private static String explain(SyscallException e) {
        return switch (e.errno()) {
            case Errno.ELOOP, Errno.ENOTDIR -> "is a symbolic link or not a directory; name a directory itself";
            case Errno.EACCES -> "may not be opened by this user";
            default -> "cannot be opened";
        };
    }

    private static void check(FileStatus status, String path) throws ProviderException {
        int uid = Syscalls.effectiveUid();
        if (status.uid() != uid) {
            throw unusable(path, "belongs to user " + status.uid() + ", not to this process's user " + uid, null);
        }
        if (status.permissions() != OWNER_ONLY) {
            String mode = Integer.toOctalString(status.permissions());
            throw unusable(
                    path,
                    "has permissions " + mode + "; it must be readable and writable by its owner and by "
                            + "nobody else (chmod 700)",
                    null);
        }
    }

    static ProviderException unusable(String path, String why, Throwable cause) {
        String detail = cause == null ? "" : ": " + cause.getMessage();
        return new ProviderException(
                ReasonCode.HOST_DIRECTORY_UNUSABLE, "host directory " + path + " " + why + detail, cause);
    }

    static ProviderException noSpace(String path, Throwable cause) {
        return new ProviderException(
                ReasonCode.NO_SPACE,
                "no space left in the file system of " + path + " (df " + path + "): " + cause.getMessage(),
                cause);
    }

    /** The path by which it was opened, for people. */
    String path() {
        return path;
    }

    /** Does something with the directory's descriptor, which stays valid meanwhile. */
    <T> T use(Use<T> action) throws IOException {
        return use(fd, action);
    }

    /** Does something with the descriptor of the directory of grants. */
    <T> T useGrants(Use<T> action) throws IOException {
        return use(grantsFd, action);
    }

    private <T> T use(int which, Use<T> action) throws IOException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IOException("this VM has left the host " + path);
            }
            return action.with(which);
        } finally {
            lock.readLock().unlock();
        }
    }

    List<String> names() throws IOException {
        return use(HostDirectory::list);
    }

    List<String> grantNames() throws IOException {
        return useGrants(HostDirectory::list);
    }

    private static List<String> list(int dirFd) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fd/" + dirFd))) {
            for (Path file : files) {
                names.add(file.getFileName().toString());
            }
        }
        return names;
    }

    /** Bytes free in the file system; a file system without a limit says 0 of 0, which means that anything goes. */
    long freeBytes() throws IOException {
        return use(dirFd -> {
            File here = new File("/proc/self/fd/" + dirFd);
            return here.getTotalSpace() == 0 ? Long.MAX_VALUE : here.getUsableSpace();
        });
    }

    /** Gives the descriptors back. Idempotent. */
    void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Syscalls.close(grantsFd);
                Syscalls.close(fd);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
