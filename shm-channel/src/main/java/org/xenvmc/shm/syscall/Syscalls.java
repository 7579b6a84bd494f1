package org.xenvmc.shm.syscall;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Files and directories, by descriptor: names are resolved below an open directory and symbolic links are never
 * followed, so that nobody can put another file in the way between a check and a use. All descriptors are closed on exec.
 */
public final class Syscalls {
    /** Stands for the current directory where a directory's descriptor is expected; harmless with absolute paths. */
    public static final int AT_CWD = -100;

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_NONBLOCK = 0x800; // no effect on files; a FIFO in a file's place must not block
    private static final int O_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int RENAME_NOREPLACE = 1;
    private static final int OWNER_ONLY = 0600;

    private static final Arch ARCH = Arch.current();
    private static final Charset NAMES = fileNameCharset();

    private Syscalls() {}

    private static Charset fileNameCharset() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    static byte[] path(String name) {
        byte[] bytes = name.getBytes(NAMES);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    static SyscallException failed(String call, String argument) {
        return new SyscallException(call, argument, LibC.lastError());
    }

    /** The user whose files we may use. */
    public static int effectiveUid() {
        return LibC.geteuid();
    }

    /** Opens a directory that is not a symbolic link. */
    public static int openDirectory(int dirFd, String name) throws SyscallException {
        return open(dirFd, name, O_RDONLY | ARCH.openDirectory, 0);
    }

    /** Opens an existing file for reading. */
    public static int openToRead(int dirFd, String name) throws SyscallException {
        return open(dirFd, name, O_RDONLY, 0);
    }

    /** Opens an existing file for reading and writing. */
    public static int openToWrite(int dirFd, String name) throws SyscallException {
        return open(dirFd, name, O_RDWR, 0);
    }

    /** Creates a file, for the owner only; it must not exist yet. */
    public static int create(int dirFd, String name) throws SyscallException {
        return open(dirFd, name, O_RDWR | O_CREAT | O_EXCL, OWNER_ONLY);
    }

    /** Opens a file for reading and writing, after making it, owner only, if it is not there. */
    public static int openOrCreate(int dirFd, String name) throws SyscallException {
        return open(dirFd, name, O_RDWR | O_CREAT, OWNER_ONLY);
    }

    private static int open(int dirFd, String name, int flags, int mode) throws SyscallException {
        byte[] path = path(name);
        while (true) {
            int fd = LibC.openat(dirFd, path, flags | ARCH.openNoFollow | O_NONBLOCK | O_CLOEXEC, mode);
            if (fd >= 0) {
                return fd;
            }
            if (LibC.lastError() != Errno.EINTR) {
                throw failed("openat", name);
            }
        }
    }

    /** Creates a directory with these permissions. */
    public static void makeDirectory(int dirFd, String name, int permissions) throws SyscallException {
        if (LibC.mkdirat(dirFd, path(name), permissions) != 0) {
            throw failed("mkdirat", name);
        }
    }

    /**
     * Removes a file's name.
     *
     * @return false when it was gone already
     */
    public static boolean unlink(int dirFd, String name) throws SyscallException {
        if (LibC.unlinkat(dirFd, path(name), 0) == 0) {
            return true;
        }
        if (LibC.lastError() == Errno.ENOENT) {
            return false;
        }
        throw failed("unlinkat", name);
    }

    /**
     * Gives a file another name in the same directory, which must not exist.
     *
     * @throws SyscallException EEXIST when it exists, ENOENT when the file is gone
     */
    public static void renameWithoutReplacing(int dirFd, String from, String to) throws SyscallException {
        if (LibC.syscall(ARCH.sysRenameat2, dirFd, path(from), dirFd, path(to), RENAME_NOREPLACE) != 0) {
            throw failed("renameat2", from + ", " + to);
        }
    }

    /** Closes a descriptor. The descriptor is free afterwards whatever the kernel says, so errors are of no use. */
    public static void close(int fd) {
        LibC.close(fd);
    }

    /** Describes an open file. */
    public static FileStatus status(int fd) throws SyscallException {
        byte[] stat = new byte[FileStatus.STAT_BYTES];
        if (LibC.syscall(ARCH.sysFstat, fd, stat) != 0) {
            throw failed("fstat", "fd " + fd);
        }
        return FileStatus.parse(stat, ARCH);
    }

    /** Really allocates the space of a file, zeroed, and makes it that long. Repeatable. */
    public static void allocate(int fd, long bytes) throws SyscallException {
        int errno;
        do {
            errno = LibC.posix_fallocate(fd, 0, bytes);
        } while (errno == Errno.EINTR);
        if (errno != 0) {
            throw new SyscallException("posix_fallocate", bytes + " bytes", errno);
        }
    }

    /**
     * Locks an open file exclusively, without waiting. The lock belongs to the open file description: it ends when its
     * last descriptor and mapping are gone, however the process ends.
     *
     * @return false when somebody else holds it
     */
    public static boolean tryLock(int fd) throws SyscallException {
        while (LibC.flock(fd, LOCK_EX | LOCK_NB) != 0) {
            int errno = LibC.lastError();
            if (errno == Errno.EAGAIN) {
                return false;
            }
            if (errno != Errno.EINTR) {
                throw failed("flock", "fd " + fd);
            }
        }
        return true;
    }

    /** Reads up to the buffer's length; 0 at the end of the file. */
    public static int read(int fd, byte[] buffer) throws SyscallException {
        while (true) {
            long n = LibC.read(fd, buffer, buffer.length);
            if (n >= 0) {
                return (int) n;
            }
            if (LibC.lastError() != Errno.EINTR) {
                throw failed("read", "fd " + fd);
            }
        }
    }

    /** Writes all of a small buffer. */
    public static void write(int fd, byte[] bytes) throws SyscallException {
        byte[] rest = bytes;
        while (rest.length > 0) {
            long n = LibC.write(fd, rest, rest.length);
            if (n > 0) {
                rest = Arrays.copyOfRange(rest, (int) n, rest.length);
            } else if (n == 0 || LibC.lastError() != Errno.EINTR) {
                throw failed("write", "fd " + fd);
            }
        }
    }

    static int eventFd() throws SyscallException {
        int fd = LibC.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (fd < 0) {
            throw failed("eventfd", "0");
        }
        return fd;
    }
}
