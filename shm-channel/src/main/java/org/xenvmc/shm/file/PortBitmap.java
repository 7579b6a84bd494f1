package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.PORTS;
import static org.xenvmc.shm.file.VmEntryDescriptor.PORTS_OFFSET;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The TCP ports on which a VM listens, a bit each. Written by the owner, read by everybody. Thread-safe. */
public final class PortBitmap {
    private final ByteBuffer entry;

    /** The bitmap of an entry. */
    public PortBitmap(ByteBuffer entry) {
        this.entry = entry;
    }

    /** Whether the VM listens on a port. One read of shared memory. */
    public boolean get(int port) {
        return port >= 0 && port < PORTS && (word(port >>> 6) & 1L << port) != 0;
    }

    /** Publishes or withdraws a port. By the owner. */
    public void set(int port, boolean listening) {
        int offset = PORTS_OFFSET + (port >>> 6) * Long.BYTES;
        if (listening) {
            Words.LONG.getAndBitwiseOr(entry, offset, 1L << port);
        } else {
            Words.LONG.getAndBitwiseAnd(entry, offset, ~(1L << port));
        }
    }

    /** All ports on which the VM listens. */
    public List<Integer> all() {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < PORTS / Long.SIZE; i++) {
            for (long bits = word(i); bits != 0; bits &= bits - 1) {
                ports.add((i << 6) + Long.numberOfTrailingZeros(bits));
            }
        }
        return ports;
    }

    private long word(int index) {
        return (long) Words.LONG.getVolatile(entry, PORTS_OFFSET + index * Long.BYTES);
    }
}
