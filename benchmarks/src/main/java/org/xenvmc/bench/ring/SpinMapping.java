package org.xenvmc.bench.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.xenvmc.shm.provider.Mapping;

/** Memory for a ring whose ends never sleep: waiting is spinning, so there is nobody to wake. */
final class SpinMapping implements Mapping {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    SpinMapping(ByteBuffer memory) {
        this.memory = memory;
    }

    @Override
    public ByteBuffer buffer() {
        return memory;
    }

    @Override
    public void awaitWord(int offset, int expected, long timeoutNs) {
        long start = System.nanoTime();
        while ((int) INT.getAcquire(memory, offset) == expected && System.nanoTime() - start < timeoutNs) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void wakeWord(int offset, int count) {
        // nobody sleeps
    }

    @Override
    public void unmap() {
        // the file belongs to the worker process and ends with it
    }
}
