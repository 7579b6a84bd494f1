package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.xenvmc.shm.provider.Mapping;

/**
 * Private memory in the place of a mapping: room for one ring with a guard zone on either side, and futexes made of a
 * monitor.
 */
final class TestMemory implements Mapping {
    static final int GUARD_BYTES = 4096;
    private static final byte GUARD = 0x5a;

    final int capacity;
    private final boolean interrupts;
    private final ByteBuffer memory;
    private int sleepers;
    private IntConsumer onWake = offset -> {};

    TestMemory(int capacity) {
        this(capacity, true);
    }

    /** Memory of two machines if there are no interrupts. */
    TestMemory(int capacity, boolean interrupts) {
        this.capacity = capacity;
        this.interrupts = interrupts;
        this.memory = ByteBuffer.allocateDirect(2 * GUARD_BYTES + RingLayout.ringBytes(capacity))
                .order(ByteOrder.nativeOrder());
        for (int i = 0; i < GUARD_BYTES; i++) {
            memory.put(i, GUARD);
            memory.put(memory.capacity() - 1 - i, GUARD);
        }
        RingLayout.initialise(ring(), capacity);
    }

    /** Where the ring begins in the mapping. */
    int offset() {
        return GUARD_BYTES;
    }

    /** The ring alone, as its owner sees it. */
    ByteBuffer ring() {
        return memory.slice(GUARD_BYTES, RingLayout.ringBytes(capacity)).order(ByteOrder.nativeOrder());
    }

    void assertGuardsIntact() {
        for (int i = 0; i < GUARD_BYTES; i++) {
            assertThat(memory.get(i)).as("guard before the ring, %d", i).isEqualTo(GUARD);
            int at = memory.capacity() - 1 - i;
            assertThat(memory.get(at)).as("guard behind the ring, %d", at).isEqualTo(GUARD);
        }
    }

    /** Called with the offset in the ring whenever somebody wakes sleepers there. */
    void onWake(IntConsumer action) {
        onWake = action;
    }

    synchronized int sleepers() {
        return sleepers;
    }

    @Override
    public ByteBuffer buffer() {
        return memory;
    }

    @Override
    public synchronized void awaitWord(int offset, int expected, long timeoutNs) {
        if ((int) RingLayout.INT.getVolatile(memory, offset) != expected) {
            return;
        }
        sleepers++;
        try {
            long ms = timeoutNs == Long.MAX_VALUE ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs));
            wait(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sleepers--;
        }
    }

    @Override
    public synchronized void wakeWord(int offset, int count) {
        onWake.accept(offset - GUARD_BYTES);
        notifyAll();
    }

    @Override
    public boolean interrupts() {
        return interrupts;
    }

    @Override
    public void unmap() {}
}
