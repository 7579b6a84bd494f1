package org.xenvmc.bench.ring;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One end of a ring in a file that two processes map. Each end is used by one thread; no call blocks. */
public interface RingLink {
    /** Puts bytes into the ring, as many as the ring takes now; 0 when it is full. */
    int offer(ByteBuffer source) throws IOException;

    /** Takes bytes out of the ring, as many as are there and fit; 0 when it is empty. */
    int poll(ByteBuffer destination) throws IOException;
}
