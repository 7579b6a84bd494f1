package org.xenvmc.shm.syscall;

/** Error numbers that somebody decides by; the same on both supported processors. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EEXIST = 17;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int ENOSYS = 38;
    public static final int ELOOP = 40;
    public static final int ETIMEDOUT = 110;
    public static final int EDQUOT = 122;

    private Errno() {}

    /** Name for people. */
    public static String name(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM: operation not permitted";
            case ENOENT -> "ENOENT: no such file or directory";
            case EINTR -> "EINTR: interrupted";
            case EAGAIN -> "EAGAIN: try again";
            case ENOMEM -> "ENOMEM: out of memory";
            case EACCES -> "EACCES: permission denied";
            case EEXIST -> "EEXIST: file exists";
            case ENOTDIR -> "ENOTDIR: not a directory";
            case EISDIR -> "EISDIR: is a directory";
            case EINVAL -> "EINVAL: invalid argument";
            case EMFILE -> "EMFILE: too many open files";
            case ENOSPC -> "ENOSPC: no space left on device";
            case EROFS -> "EROFS: read-only file system";
            case ENOSYS -> "ENOSYS: not implemented";
            case ELOOP -> "ELOOP: symbolic link";
            case ETIMEDOUT -> "ETIMEDOUT: timed out";
            case EDQUOT -> "EDQUOT: quota exceeded";
            default -> "errno " + errno;
        };
    }
}
