package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.BELL_OFFSET;

import java.nio.ByteBuffer;
import org.xenvmc.shm.syscall.Futex;
import org.xenvmc.shm.syscall.MappedRegion;

/**
 * The word on which a VM's thread sleeps until somebody marks something in its {@link SignalBitmap}.
 *
 * <p>Its values: AWAKE, the thread will look at the bitmap before it sleeps; ASLEEP, whoever marks something wakes it;
 * POLLED, it sleeps, but other threads of the VM are looking.
 *
 * <p>Why no wake-up is lost. A setter marks, then reads the bell (both volatile). The thread writes ASLEEP, then reads the
 * top word (both volatile). In the one order of these four accesses, either the setter reads ASLEEP, and wakes; or the
 * thread reads the mark, and does not sleep. The kernel compares the word again before it lets the thread sleep, so that a
 * wake between the two does not get lost either. For POLLED see {@link BellKeeper}.
 */
final class Bell {
    static final int AWAKE = 0;
    static final int ASLEEP = 1;
    static final int POLLED = 2;

    private final ByteBuffer entry;
    private final long address;

    Bell(MappedRegion region) {
        this.entry = region.buffer();
        this.address = region.address() + BELL_OFFSET;
    }

    /** Wakes the thread if it sleeps and nobody else looks: called by whoever marked something. */
    void ring() {
        if ((int) Words.INT.getVolatile(entry, BELL_OFFSET) == ASLEEP && change(ASLEEP, AWAKE)) {
            Futex.wake(address, 1);
        }
    }

    /** Wakes the thread if it sleeps, even when others look. */
    void wake() {
        if ((int) Words.INT.getAndSet(entry, BELL_OFFSET, AWAKE) != AWAKE) {
            Futex.wake(address, 1);
        }
    }

    boolean isPolled() {
        return (int) Words.INT.getVolatile(entry, BELL_OFFSET) == POLLED;
    }

    boolean change(int from, int to) {
        return Words.INT.compareAndSet(entry, BELL_OFFSET, from, to);
    }

    void setVolatile(int value) {
        Words.INT.setVolatile(entry, BELL_OFFSET, value);
    }

    /** Sleeps while the word has this value, see {@link Futex#await}. */
    void await(int value, long timeoutNs) {
        Futex.await(address, value, timeoutNs);
    }
}
