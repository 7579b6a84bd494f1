package org.xenvmc.shm.syscall;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Changes of one directory (inotify(7)): one thread waits, any thread may {@link #stop()}. An idle directory costs
 * nothing.
 */
public final class DirectoryWatch {
    /** Takes changes. */
    public interface Handler {
        /** Something happened to this name: it was moved here, deleted, or closed by somebody who could write. */
        void changed(String name, boolean closed);

        /** Changes were lost, or the directory itself is gone: look at everything again. */
        void lost();
    }

    private static final int IN_CLOSE_WRITE = 0x8;
    private static final int IN_MOVED_TO = 0x80;
    private static final int IN_DELETE = 0x200;
    private static final int IN_NONBLOCK = 0x800;
    private static final int IN_CLOEXEC = 0x80000;
    private static final int POLLIN = 1;
    private static final int POLL_FD_BYTES = 8;
    private static final int EVENT_HEADER_BYTES = 16;
    private static final int MASK_OFFSET = 4;
    private static final int NAME_LENGTH_OFFSET = 12;

    private final int inotifyFd;
    private final int stopFd;
    private final byte[] events = new byte[16 * 1024];
    private boolean closed;

    /** Begins to watch; changes from now on are kept until they are asked for. */
    public DirectoryWatch(int dirFd) throws SyscallException {
        stopFd = Syscalls.eventFd();
        int fd = LibC.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fd < 0) {
            SyscallException e = Syscalls.failed("inotify_init1", "");
            Syscalls.close(stopFd);
            throw e;
        }
        inotifyFd = fd;
        byte[] path = Syscalls.path("/proc/self/fd/" + dirFd);
        if (LibC.inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0) {
            SyscallException e = Syscalls.failed("inotify_add_watch", "host directory");
            close();
            throw e;
        }
    }

    /**
     * Waits for changes and hands them over.
     *
     * @param timeoutMs longest wait, -1 for no limit
     * @return false when stopped
     */
    public boolean await(int timeoutMs, Handler handler) throws SyscallException {
        ByteBuffer fds = ByteBuffer.allocate(2 * POLL_FD_BYTES).order(ByteOrder.nativeOrder());
        fds.putInt(0, inotifyFd).putShort(4, (short) POLLIN);
        fds.putInt(POLL_FD_BYTES, stopFd).putShort(POLL_FD_BYTES + 4, (short) POLLIN);
        if (LibC.poll(fds.array(), 2, timeoutMs) < 0 && LibC.lastError() != Errno.EINTR) {
            throw Syscalls.failed("poll", "inotify");
        }
        if (fds.getShort(POLL_FD_BYTES + 6) != 0) {
            return false;
        }
        if (fds.getShort(6) != 0) {
            readEvents(handler);
        }
        return true;
    }

    private void readEvents(Handler handler) throws SyscallException {
        long n = LibC.read(inotifyFd, events, events.length);
        if (n < 0) {
            int errno = LibC.lastError();
            if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
                return;
            }
            throw Syscalls.failed("read", "inotify");
        }
        parse(ByteBuffer.wrap(events, 0, (int) n).order(ByteOrder.nativeOrder()), handler);
    }

    static void parse(ByteBuffer events, Handler handler) {
        while (events.remaining() >= EVENT_HEADER_BYTES) {
            int at = events.position();
            int mask = events.getInt(at + MASK_OFFSET);
            int nameBytes = events.getInt(at + NAME_LENGTH_OFFSET);
            String name = name(events, at + EVENT_HEADER_BYTES, nameBytes);
            if (name.isEmpty()) {
                handler.lost();
            } else {
                handler.changed(name, (mask & IN_CLOSE_WRITE) != 0);
            }
            events.position(at + EVENT_HEADER_BYTES + nameBytes);
        }
    }

    private static String name(ByteBuffer events, int at, int bytes) {
        int length = 0;
        while (length < bytes && events.get(at + length) != 0) {
            length++;
        }
        byte[] name = new byte[length];
        events.get(at, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** Ends {@link #await} now and for ever. */
    public synchronized void stop() {
        if (!closed) {
            byte[] one = new byte[8];
            one[0] = 1;
            LibC.write(stopFd, one, one.length);
        }
    }

    /** Gives the descriptors back; called by the waiting thread when it is done. Idempotent. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(inotifyFd);
            Syscalls.close(stopFd);
        }
    }
}
