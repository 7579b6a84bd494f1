package org.xenvmc.tcp;

import java.nio.ByteBuffer;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * Direct buffers between TCP and the application's arrays, one per thread, as the JDK has them inside its channels. Bytes of
 * a frame that arrive together with the application's last bytes then never touch the application's array.
 */
final class Bounce {
    private static final int MAX_BYTES = 128 * 1024;
    private static final int VIRTUAL_BYTES = 16 * 1024;
    private static final int LEAST_BYTES = 8 * 1024;
    private static final ThreadLocal<ByteBuffer> BUFFER = new ThreadLocal<>();

    private Bounce() {}

    /** An empty buffer with room for {@code wanted} bytes or for the most that is given, valid until the next call. */
    static ByteBuffer get(int wanted) {
        if (VirtualThreads.isVirtual(Thread.currentThread())) {
            return ByteBuffer.allocate(Math.min(wanted, VIRTUAL_BYTES)); // there may be millions of them
        }
        int size = Math.min(wanted, MAX_BYTES);
        ByteBuffer b = BUFFER.get();
        if (b == null || b.capacity() < size) {
            b = ByteBuffer.allocateDirect(Math.max(LEAST_BYTES, size));
            BUFFER.set(b);
        }
        return b.clear().limit(size);
    }
}
