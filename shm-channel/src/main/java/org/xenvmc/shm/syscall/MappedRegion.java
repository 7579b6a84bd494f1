package org.xenvmc.shm.syscall;

import com.sun.jna.Pointer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Shared memory mapped into this process. The buffer is valid until {@link #unmap()}, which the owner calls once;
 * whoever accesses the buffer later ends the JVM.
 */
public final class MappedRegion {
    private static final Logger LOG = System.getLogger(MappedRegion.class.getName());
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 0x01;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;

    private final long address;
    private final int bytes;
    private final ByteBuffer buffer;
    private volatile boolean keepAddresses;

    private MappedRegion(long address, int bytes) {
        this.address = address;
        this.bytes = bytes;
        this.buffer = new Pointer(address).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    }

    /** Maps the first bytes of a file, shared, to read and write. The descriptor may be closed afterwards. */
    public static MappedRegion map(int fd, int bytes) throws SyscallException {
        long address = LibC.mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        if (address == -1) {
            throw Syscalls.failed("mmap", "fd " + fd + ", " + bytes + " bytes");
        }
        return new MappedRegion(address, bytes);
    }

    /** Private memory of this process, of zeros, in no file. */
    public static MappedRegion anonymous(int bytes) throws SyscallException {
        long address = LibC.mmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == -1) {
            throw Syscalls.failed("mmap", bytes + " bytes");
        }
        return new MappedRegion(address, bytes);
    }

    /** The memory, in native byte order. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Address of its first byte. */
    public long address() {
        return address;
    }

    /** Its length. */
    public int bytes() {
        return bytes;
    }

    /**
     * Gives the file up and puts private zero pages in its place, in one step: a thread that is late by an instruction
     * reads zeros and writes to nobody. The address range stays reserved (it costs no memory) until {@link #unmap()}.
     */
    public void detach() throws SyscallException {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
        if (LibC.mmap(address, bytes, PROT_READ_WRITE, flags, -1, 0) != address) {
            throw Syscalls.failed("mmap", "detach " + bytes + " bytes");
        }
    }

    /** Ends the mapping, or, after {@link #keepAddresses}, gives the memory up now and the addresses when nobody has them any more. */
    public void unmap() {
        if (!keepAddresses) {
            unmap(address, bytes);
            return;
        }
        try {
            detach();
        } catch (SyscallException e) {
            LOG.log(Level.WARNING, "memory that was handed out stays mapped for a while", e);
        }
        unmapWhenUnreachable();
    }

    /**
     * From now on the addresses stay valid until the buffer, and everything that was cut out of it, is unreachable: somebody may
     * use it who must not.
     */
    public void keepAddresses() {
        if (!keepAddresses) {
            keepAddresses = true;
        }
    }

    /** Lets the garbage collector end the mapping. Instead of {@link #unmap()}. */
    public void unmapWhenUnreachable() {
        long from = address;
        int length = bytes;
        Unreachable.CLEANER.register(buffer, () -> unmap(from, length)); // slices keep the buffer reachable
    }

    /** Its thread is started when there is something to watch. */
    private static final class Unreachable {
        static final Cleaner CLEANER = Cleaner.create();
    }

    /** Ends a mapping of which only the numbers are left. */
    public static void unmap(long address, int bytes) {
        LibC.munmap(address, bytes);
    }
}
