package org.xenvmc.bench.guest.inside;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Memory of the guest in which received data stays: so many bytes, the oldest overwritten first. Filled with random bytes at the
 * beginning, so that a guest that receives nothing has as many pages that carry something. Thread-safe but for {@link #tail}.
 */
final class Mailbox {
    private static final long SEED = 77;

    private final ByteBuffer memory; // null when nothing is kept
    private int position;

    Mailbox(int bytes) {
        memory = bytes == 0 ? null : ByteBuffer.allocateDirect(bytes);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i + Long.BYTES <= bytes; i += Long.BYTES) {
            memory.putLong(i, random.nextLong());
        }
    }

    /** Keeps a copy. */
    synchronized void keep(byte[] data, int length) {
        if (memory == null) {
            return;
        }
        for (int done = 0; done < length; ) {
            ByteBuffer tail = tail();
            int n = Math.min(length - done, tail.remaining());
            tail.put(data, done, n);
            done += n;
            advance(n);
        }
    }

    /** Where the next data may be put without a copy, at least one byte; for one thread. */
    ByteBuffer tail() {
        return memory.duplicate().position(position).limit(memory.capacity());
    }

    /** So much was put there. */
    void advance(int bytes) {
        position = (position + bytes) % memory.capacity();
    }
}
