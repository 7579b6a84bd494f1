package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.transport.DataHandler;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.RingReceiver;

/**
 * A reader that has a handler look at the bytes in the ring, instead of copying them; what comes another way is copied and handed over
 * afterwards. Used by the holder of the read lock.
 */
final class Lending {
    private DataHandler handler;
    private ByteBuffer copy;
    private int maxBytes;
    private boolean shown;
    private Throwable failure;

    /** Begins to receive; returns where bytes go that cannot be shown. */
    ByteBuffer begin(int most, DataHandler to) {
        if (handler != null) {
            throw new IllegalStateException("a handler must not receive from the connection whose bytes it handles");
        }
        int wanted = Math.min(most, ByteStream.LARGEST_COPY_BYTES);
        if (copy == null || copy.capacity() < wanted) {
            copy = ByteBuffer.allocateDirect(wanted);
        }
        handler = to;
        maxBytes = most;
        shown = false;
        failure = null;
        return copy.clear().limit(wanted);
    }

    void end() {
        handler = null;
    }

    boolean active() {
        return handler != null;
    }

    /** Has the handler look at what is there; a failure of the handler waits for {@link #handOver}. */
    int show(RingReceiver ring, ByteBuffer dst) throws IOException {
        ByteBuffer data = ring.lend(maxBytes);
        if (data == null) {
            return ring.read(dst); // nothing there, or a ring that was emptied into private memory
        }
        int bytes = data.remaining();
        shown = true;
        try {
            handler.received(data);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        ring.takeLent();
        return bytes;
    }

    /** After the reading: hands over what was copied, or reports what the handler said. */
    void handOver(ByteBuffer copied, int n, DataHandler to) throws IOException {
        if (failure != null) {
            Throwable thrown = failure;
            failure = null;
            if (thrown instanceof IOException io) {
                throw io;
            }
            if (thrown instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw (Error) thrown;
        }
        if (n > 0 && !shown) {
            to.received(copied.flip().asReadOnlyBuffer());
        }
    }
}
