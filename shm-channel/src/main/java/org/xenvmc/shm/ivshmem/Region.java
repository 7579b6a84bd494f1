package org.xenvmc.shm.ivshmem;

import static org.xenvmc.shm.ivshmem.RegionDescriptor.EPOCH_OFFSET;
import static org.xenvmc.shm.ivshmem.RegionDescriptor.LONG;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.MappedRegion;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/**
 * The device's memory, mapped. Whoever uses a slice keeps the region reachable. {@link #detach()} puts private memory in the place
 * of the device's in one step, so that whoever is late by an instruction harms nobody; the addresses are given back when the region is
 * not reachable any more.
 */
final class Region {
    private static final Logger LOG = System.getLogger(Region.class.getName());

    private final MappedRegion memory;
    private final ByteBuffer buffer;
    private final AtomicBoolean detached = new AtomicBoolean();
    private long epoch;
    private int places;
    private int placeBytes;

    private Region(MappedRegion memory) {
        this.memory = memory;
        this.buffer = memory.buffer();
        memory.unmapWhenUnreachable();
    }

    /** Maps the memory of a device. */
    static Region map(Path file) throws ProviderException {
        try {
            long bytes = Files.size(file.toRealPath());
            if (bytes > Integer.MAX_VALUE - RegionDescriptor.PAGE) {
                throw new IOException(bytes + " bytes are more than the 2 GiB that are supported");
            }
            int fd = Syscalls.openToWrite(Syscalls.AT_CWD, file.toRealPath().toString());
            try {
                return new Region(MappedRegion.map(fd, (int) bytes));
            } finally {
                Syscalls.close(fd);
            }
        } catch (IOException e) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, "cannot map " + file + ": " + e.getMessage(), e);
        }
    }

    ByteBuffer buffer() {
        return buffer;
    }

    int bytes() {
        return memory.bytes();
    }

    ByteBuffer slice(int offset, int bytes) {
        return buffer.slice(offset, bytes).order(ByteOrder.nativeOrder());
    }

    /** Sets what the header says, checked. */
    void formatted(long theEpoch, int thePlaces, int bytesPerPlace) {
        epoch = theEpoch;
        places = thePlaces;
        placeBytes = bytesPerPlace;
    }

    long epoch() {
        return epoch;
    }

    int places() {
        return places;
    }

    /** Where a place begins. */
    int place(int number) {
        return RegionDescriptor.placeOffset(number, placeBytes);
    }

    int ringBytes() {
        return placeBytes - RegionDescriptor.RINGS_OFFSET;
    }

    /** Whether this still is the memory that was joined: after an unplug 0 is read, on another host another epoch. */
    boolean present() {
        return (long) LONG.getOpaque(buffer, EPOCH_OFFSET) == epoch && !detached.get();
    }

    /** Gives the device's memory up. Idempotent. */
    void detach() {
        if (detached.compareAndSet(false, true)) {
            try {
                memory.detach();
            } catch (SyscallException e) {
                LOG.log(Level.WARNING, "a region stays mapped", e);
            }
        }
    }
}
