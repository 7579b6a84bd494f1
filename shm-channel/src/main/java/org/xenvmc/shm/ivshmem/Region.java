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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xenvmc.shm.file.OwnFile;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.FileStatus;
import org.xenvmc.shm.syscall.MappedRegion;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;
import org.xenvmc.transport.ReasonCode;

/**
 * The device's memory, mapped. Whoever uses a slice keeps the region reachable. {@link #detach()} puts private memory
 * in the place of the device's in one step, so that whoever is late by an instruction harms nobody; the addresses are
 * given back when the region is not reachable any more.
 */
final class Region {
    private static final Logger LOG = System.getLogger(Region.class.getName());

    private final MappedRegion memory;
    private final ByteBuffer buffer;
    private final AtomicBoolean detached = new AtomicBoolean();
    private UUID host;
    private long epoch;
    private int places;
    private int placeBytes;

    private Region(MappedRegion memory) {
        this.memory = memory;
        this.buffer = memory.buffer();
        memory.unmapWhenUnreachable();
    }

    /** Maps the memory of a device. */
    static Region ofDevice(Path resource) throws ProviderException {
        try {
            Path real = resource.toRealPath();
            long bytes = Files.size(real);
            if (bytes > Integer.MAX_VALUE - RegionDescriptor.PAGE) {
                throw new IOException(bytes + " bytes are more than the 2 GiB that are supported");
            }
            return open(real, fd -> (int) bytes);
        } catch (IOException e) {
            throw cannotMap(resource, e);
        }
    }

    /**
     * Maps the file behind the devices, on the host's side: it has to be one that its owner made ({@link RegionFile}).
     */
    static Region ofFile(Path file) throws ProviderException {
        try {
            return open(file, fd -> {
                FileStatus status = Syscalls.status(fd);
                OwnFile.check(status, Math.min(status.size(), RegionFile.MAX_BYTES));
                return (int) status.size();
            });
        } catch (IOException e) {
            throw cannotMap(file, e);
        }
    }

    private static ProviderException cannotMap(Path file, IOException e) {
        return new ProviderException(ReasonCode.GRANT_FAILED, "cannot map " + file + ": " + e.getMessage(), e);
    }

    private interface Size {
        int of(int fd) throws IOException;
    }

    private static Region open(Path file, Size size) throws IOException {
        int fd = Syscalls.openToWrite(Syscalls.AT_CWD, file.toString());
        try {
            return map(fd, size.of(fd));
        } finally {
            Syscalls.close(fd);
        }
    }

    /** Maps an open file. */
    static Region map(int fd, int bytes) throws SyscallException {
        return new Region(MappedRegion.map(fd, bytes));
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
    void formatted(UUID theHost, long theEpoch, int thePlaces, int bytesPerPlace) {
        host = theHost;
        epoch = theEpoch;
        places = thePlaces;
        placeBytes = bytesPerPlace;
    }

    UUID host() {
        return host;
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
