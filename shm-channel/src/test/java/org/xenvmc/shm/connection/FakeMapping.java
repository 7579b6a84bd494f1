package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.xenvmc.shm.provider.Mapping;

/** Memory that notes when it is unmapped. Nobody sleeps on it. */
final class FakeMapping implements Mapping {
    private final ByteBuffer memory;
    private volatile boolean unmapped;

    FakeMapping(ByteBuffer memory) {
        this.memory = memory;
    }

    FakeMapping(int bytes) {
        this(ByteBuffer.allocateDirect(bytes));
    }

    boolean unmapped() {
        return unmapped;
    }

    @Override
    public ByteBuffer buffer() {
        return memory.duplicate().clear().order(ByteOrder.nativeOrder());
    }

    @Override
    public void awaitWord(int offset, int expected, long timeoutNs) {
        throw new IllegalStateException("nobody waits in these tests");
    }

    @Override
    public void wakeWord(int offset, int count) {}

    @Override
    public void unmap() {
        unmapped = true;
    }
}
