package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.ENTRY_BYTES;
import static org.xenvmc.shm.file.VmEntryDescriptor.MAILBOX_BYTES;
import static org.xenvmc.shm.file.VmEntryDescriptor.MAILBOX_OFFSET;
import static org.xenvmc.shm.file.VmEntryDescriptor.STATE_LEFT;
import static org.xenvmc.shm.file.VmEntryDescriptor.STATE_OFFSET;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xenvmc.shm.syscall.FileStatus;
import org.xenvmc.shm.syscall.MappedRegion;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.Syscalls;

/**
 * A mapped entry of the co-residency table, see {@link VmEntryDescriptor}. Thread-safe. Its users need not know whether
 * it is still mapped: {@link #detach()} puts private memory in its place, which stays as long as the object is reachable.
 */
final class VmEntry {
    private static final Logger LOG = System.getLogger(VmEntry.class.getName());

    private final MappedRegion region;
    private final FileStatus status;
    private final AtomicBoolean detached = new AtomicBoolean();
    final SignalBitmap signals;
    final PortBitmap ports;
    final Bell bell;
    final ByteBuffer mailbox;

    private VmEntry(MappedRegion region, FileStatus status) {
        this.region = region;
        this.status = status;
        ByteBuffer memory = region.buffer();
        this.signals = new SignalBitmap(memory);
        this.ports = new PortBitmap(memory);
        this.bell = new Bell(region);
        this.mailbox = memory.slice(MAILBOX_OFFSET, MAILBOX_BYTES).order(ByteOrder.nativeOrder());
    }

    /**
     * Maps an entry's file, after checking that it is one that an honest member made.
     *
     * @throws IOException naming what is wrong with it
     */
    static VmEntry map(int fd) throws IOException {
        FileStatus status = Syscalls.status(fd);
        OwnFile.check(status, ENTRY_BYTES);
        RetiredRegions.giveBack();
        return new VmEntry(MappedRegion.map(fd, ENTRY_BYTES), status);
    }

    ByteBuffer memory() {
        return region.buffer();
    }

    /** Whether this is the mapping of that file. */
    boolean isOf(FileStatus file) {
        return status.sameFile(file);
    }

    /** Says good-bye: whoever finds the entry gone knows that the VM did not die. */
    void sayGoodBye() {
        Words.INT.setRelease(region.buffer(), STATE_OFFSET, STATE_LEFT); // with stateAcquire; ordered by the unlink too
    }

    boolean saidGoodBye() {
        int stateAcquire = (int) Words.INT.getAcquire(region.buffer(), STATE_OFFSET);
        return stateAcquire == STATE_LEFT;
    }

    /** Gives the file up. Idempotent. */
    void detach() {
        if (!detached.compareAndSet(false, true)) {
            return;
        }
        try {
            region.detach();
            RetiredRegions.add(this, region);
        } catch (SyscallException e) {
            // still mapped, still valid: a leak of one mapping is better than a crash
            LOG.log(Level.WARNING, "an entry of the table stays mapped", e);
        }
    }
}
