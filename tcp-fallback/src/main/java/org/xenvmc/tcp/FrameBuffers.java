package org.xenvmc.tcp;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Buffers for reading frames, shared by the streams of a VM: a stream holds one only while bytes are in it. Thread-safe. */
final class FrameBuffers {
    static final int BYTES = 64 * 1024;
    private static final int MOST_KEPT = 64;

    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    ByteBuffer take() {
        ByteBuffer b = free.poll();
        if (b == null) {
            return ByteBuffer.allocateDirect(BYTES);
        }
        kept.decrementAndGet();
        return b.clear();
    }

    void giveBack(ByteBuffer b) {
        if (kept.get() < MOST_KEPT) {
            kept.incrementAndGet();
            free.add(b);
        }
    }
}
