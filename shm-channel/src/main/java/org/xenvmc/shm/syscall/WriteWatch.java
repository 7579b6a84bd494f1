package org.xenvmc.shm.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Counts the pages of this process that are written, with the kernel's help (Linux 6.7 and newer): memory is
 * registered with
 * userfaultfd for asynchronous write protection, which the kernel takes off a page itself at the first write, and
 * PAGEMAP_SCAN
 * finds those pages and protects them again in one step (kernel documentation: admin-guide/mm/pagemap.rst; numbers from
 * include/uapi/linux/userfaultfd.h and fs.h).
 *
 * <p>A watched page costs one page fault at the first write after each look, nothing else; {@link #close} takes all of
 * it back.
 * Used by one thread at a time.
 */
public final class WriteWatch implements AutoCloseable {
    private static final int USER_MODE_ONLY = 1; // needs no privilege; protection that resolves itself needs no more
    private static final int CLOEXEC_NONBLOCK = 0x80800;

    private static final long UFFDIO_API = 0xc018aa3fL;
    private static final long UFFDIO_REGISTER = 0xc020aa00L;
    private static final long API = 0xaa;
    private static final long FEATURE_WP_HUGETLBFS_SHMEM = 1 << 12;
    private static final long FEATURE_WP_UNPOPULATED = 1 << 13;
    private static final long FEATURE_WP_ASYNC = 1 << 15;
    private static final long REGISTER_MODE_WP = 2;

    private static final long PAGEMAP_SCAN = 0xc0606610L;
    private static final long SCAN_PROTECT = 1; // PM_SCAN_WP_MATCHING
    private static final long SCAN_CHECK = 2; // PM_SCAN_CHECK_WPASYNC
    private static final long PAGE_IS_WRITTEN = 1 << 1;
    private static final long PAGE_IS_PRESENT = 1 << 3;
    private static final long PAGE_IS_SWAPPED = 1 << 4;
    private static final long PAGE_IS_ZERO = 1 << 5; // PFNZERO: read, never written
    private static final int SCAN_BYTES = 96;
    private static final int WALK_END_AT = 32;
    private static final int REGION_BYTES = 24;
    private static final int REGIONS = 512;

    private static final int PAGE_SHIFT = 12;

    private static final Arch ARCH = Arch.current();

    private final int fault;
    private final int pageMap;
    private final Memory found = new Memory((long) REGIONS * REGION_BYTES);
    private boolean closed;

    private WriteWatch(int fault, int pageMap) {
        this.fault = fault;
        this.pageMap = pageMap;
    }

    /**
     * Begins to watch nothing yet.
     *
     * @throws SyscallException where the kernel is too old, or does not allow it (seccomp)
     */
    public static WriteWatch open() throws SyscallException {
        int fault = (int) LibC.syscall(ARCH.sysUserfaultfd, CLOEXEC_NONBLOCK | USER_MODE_ONLY);
        if (fault < 0) {
            throw Syscalls.failed("userfaultfd", "user mode only");
        }
        try {
            long features = FEATURE_WP_ASYNC | FEATURE_WP_UNPOPULATED | FEATURE_WP_HUGETLBFS_SHMEM;
            control(fault, UFFDIO_API, "UFFDIO_API", API, features, 0);
            return new WriteWatch(fault, Syscalls.openToRead(Syscalls.AT_CWD, "/proc/self/pagemap"));
        } catch (SyscallException e) {
            Syscalls.close(fault);
            throw e;
        }
    }

    private static byte[] control(int fd, long request, String name, long... words) throws SyscallException {
        ByteBuffer argument = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.nativeOrder());
        for (long word : words) {
            argument.putLong(word);
        }
        if (LibC.ioctl(fd, request, argument.array()) < 0) {
            throw Syscalls.failed("ioctl", name);
        }
        return argument.array();
    }

    /**
     * Watches a mapping from now on.
     *
     * @param start address of its first page
     * @param end address after its last page
     * @throws SyscallException where the kernel cannot watch this kind of memory, or nothing is mapped there
     */
    public void add(long start, long end) throws SyscallException {
        control(fault, UFFDIO_REGISTER, "UFFDIO_REGISTER", start, end - start, REGISTER_MODE_WP, 0);
        scan(start, end, SCAN_PROTECT | SCAN_CHECK, 0, 0);
    }

    /**
     * Pages written since the last look, or since {@link #add}; begins anew. With huge pages, each counts as the pages
     * of which
     * it consists.
     *
     * @param start address of the first page to look at; pages that are not watched count as not written
     * @param end address after the last one
     */
    public long takeWritten(long start, long end) throws SyscallException {
        return scan(start, end, SCAN_PROTECT, PAGE_IS_ZERO, PAGE_IS_WRITTEN | PAGE_IS_ZERO);
    }

    /** Pages that have memory (or swap) of their own, watched or not. */
    public long countPresent(long start, long end) throws SyscallException {
        long zero = PAGE_IS_ZERO;
        return scan(start, end, 0, zero, PAGE_IS_PRESENT | zero) + scan(start, end, 0, zero, PAGE_IS_SWAPPED | zero);
    }

    private long scan(long start, long end, long flags, long inverted, long wanted) throws SyscallException {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        long pages = 0;
        for (long at = start; at < end; ) {
            ByteBuffer scan = ByteBuffer.allocate(SCAN_BYTES).order(ByteOrder.nativeOrder());
            scan.putLong(SCAN_BYTES).putLong(flags).putLong(at).putLong(end);
            scan.putLong(0).putLong(Pointer.nativeValue(found)).putLong(REGIONS).putLong(0);
            scan.putLong(inverted).putLong(wanted).putLong(0).putLong(PAGE_IS_PRESENT);
            int regions = LibC.ioctl(pageMap, PAGEMAP_SCAN, scan.array());
            if (regions < 0) {
                throw Syscalls.failed("ioctl", "PAGEMAP_SCAN");
            }
            pages += pagesFound(regions);
            long walked = scan.getLong(WALK_END_AT);
            if (walked <= at) {
                throw new SyscallException("ioctl", "PAGEMAP_SCAN came no further", Errno.EINVAL);
            }
            at = walked;
        }
        return pages;
    }

    private long pagesFound(int regions) {
        long pages = 0;
        for (long at = 0; at < (long) regions * REGION_BYTES; at += REGION_BYTES) {
            pages += (found.getLong(at + Long.BYTES) - found.getLong(at)) >>> PAGE_SHIFT;
        }
        return pages;
    }

    /** Watches nothing any more; takes everything back. Repeatable. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(pageMap);
            Syscalls.close(fault);
            found.close();
        }
    }
}
