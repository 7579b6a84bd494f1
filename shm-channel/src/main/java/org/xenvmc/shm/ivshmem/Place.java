package org.xenvmc.shm.ivshmem;

import static org.xenvmc.shm.ivshmem.RegionDescriptor.*;

import java.nio.ByteBuffer;
import org.xenvmc.shm.file.PortBitmap;
import org.xenvmc.shm.file.SignalBitmap;
import org.xenvmc.shm.file.VmEntryDescriptor;

/** One VM's part of the region. Thread-safe; keeps the region reachable. */
final class Place {
    private static final int BELL_ASLEEP = 1;
    private static final int BELL_POLLED = 2;

    final Region region;
    final int number;
    final ByteBuffer memory;
    final SignalBitmap signals;
    final PortBitmap ports;
    final ByteBuffer mailbox;

    Place(Region region, int number) {
        this.region = region;
        this.number = number;
        this.memory = region.slice(region.place(number), RINGS_OFFSET + region.ringBytes());
        this.signals = new SignalBitmap(memory);
        this.ports = new PortBitmap(memory);
        this.mailbox =
                region.slice(region.place(number) + VmEntryDescriptor.MAILBOX_OFFSET, VmEntryDescriptor.MAILBOX_BYTES);
    }

    /** Who has the place; 0: nobody. */
    long owner() {
        return (long) LONG.getAcquire(memory, OWNER_OFFSET); // partner: release, and compareAndSet in take
    }

    long heartbeat() {
        return (long) LONG.getOpaque(memory, HEARTBEAT_OFFSET);
    }

    void beat() {
        LONG.getAndAdd(memory, HEARTBEAT_OFFSET, 1L);
    }

    int generation() {
        return (int) INT.getVolatile(memory, GENERATION_OFFSET);
    }

    /** Takes the place from an owner, 0 for a free one. Its entry is empty then. */
    boolean take(long from, long to) {
        if (!LONG.compareAndSet(memory, OWNER_OFFSET, from, to)) {
            return false;
        }
        beat(); // before anybody can think that the new owner is dead, too
        LONG.setVolatile(memory, VmEntryDescriptor.MAGIC_OFFSET, 0L);
        for (int i = Long.BYTES; i < VmEntryDescriptor.ENTRY_BYTES; i += Long.BYTES) {
            memory.putLong(i, 0L);
        }
        INT.setVolatile(memory, VmEntryDescriptor.BELL_OFFSET, BELL_ASLEEP);
        INT.getAndAdd(memory, GENERATION_OFFSET, 1);
        return true;
    }

    /** Makes the place free, if it still is this owner's. */
    void release(long owner) {
        LONG.compareAndSet(memory, OWNER_OFFSET, owner, 0L);
    }

    /** A dead owner's place becomes free; one of those who try does it. */
    void reap(long dead) {
        long heir = Formatter.token();
        if (LONG.compareAndSet(memory, OWNER_OFFSET, dead, heir)) {
            LONG.setVolatile(memory, VmEntryDescriptor.MAGIC_OFFSET, 0L);
            release(heir);
        }
    }

    boolean hasEntry() {
        return (long) LONG.getAcquire(memory, VmEntryDescriptor.MAGIC_OFFSET) == VmEntryDescriptor.MAGIC;
    }

    void sayGoodBye() {
        INT.setRelease(memory, VmEntryDescriptor.STATE_OFFSET, VmEntryDescriptor.STATE_LEFT); // partner: saidGoodBye
    }

    boolean saidGoodBye() {
        return (int) INT.getAcquire(memory, VmEntryDescriptor.STATE_OFFSET) == VmEntryDescriptor.STATE_LEFT;
    }

    void polled(boolean value) {
        INT.setVolatile(memory, VmEntryDescriptor.BELL_OFFSET, value ? BELL_POLLED : BELL_ASLEEP);
    }

    boolean isPolled() {
        return (int) INT.getVolatile(memory, VmEntryDescriptor.BELL_OFFSET) == BELL_POLLED;
    }
}
