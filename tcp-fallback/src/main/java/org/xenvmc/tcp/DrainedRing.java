package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.transport.spi.RingReceiver;

/**
 * The rest of an ended ring in private memory, so that the shared memory can go while the application does not read. Never
 * more than one ring.
 */
final class DrainedRing implements RingReceiver {
    private final long start;
    private final long end;
    private final long fin;
    private final boolean aborted;
    private final ByteBuffer rest;

    private DrainedRing(long start, long end, long fin, boolean aborted, ByteBuffer rest) {
        this.start = start;
        this.end = end;
        this.fin = fin;
        this.aborted = aborted;
        this.rest = rest;
    }

    /**
     * Takes everything out of a ring whose end (or fin) is published.
     *
     * @param ring owned by the caller
     * @param taken offset of the next byte that is read from it
     */
    static DrainedRing of(RingReceiver ring, long taken) throws IOException {
        long end = ring.end();
        long fin = ring.fin();
        long last = end != UNSET ? end : fin;
        long left = last - taken;
        if (left < 0 || left > ring.capacityBytes()) {
            throw new IOException("the ring ends at offset " + last + ", " + left + " bytes from the reader's " + taken
                    + ", with a capacity of " + ring.capacityBytes());
        }
        ByteBuffer rest = ByteBuffer.allocate((int) left);
        while (rest.hasRemaining() && ring.read(rest) > 0) {
            // reads until it has all
        }
        if (rest.hasRemaining()) {
            throw new IOException(
                    "the ring ends at offset " + last + " but " + rest.remaining() + " bytes are missing");
        }
        return new DrainedRing(ring.start(), end, fin, ring.aborted(), rest.flip());
    }

    int bytes() {
        return rest.capacity();
    }

    @Override
    public void ready() {}

    @Override
    public void observe() {}

    @Override
    public long start() {
        return start;
    }

    @Override
    public int read(ByteBuffer dst) {
        int n = Math.min(rest.remaining(), dst.remaining());
        dst.put(dst.position(), rest, rest.position(), n);
        rest.position(rest.position() + n);
        dst.position(dst.position() + n);
        return n;
    }

    @Override
    public boolean hasData() {
        return rest.hasRemaining();
    }

    @Override
    public int availableBytes() {
        return rest.remaining();
    }

    @Override
    public int fillBytes() {
        return rest.remaining();
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public long fin() {
        return fin;
    }

    @Override
    public boolean aborted() {
        return aborted;
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public void await(long timeoutNs) {
        // there is nothing to wait for: all of it is here
    }

    @Override
    public void kick() {}

    @Override
    public boolean arm() {
        return true;
    }

    @Override
    public void close(boolean abort) {}

    @Override
    public int capacityBytes() {
        return rest.capacity();
    }

    @Override
    public long sleeps() {
        return 0;
    }

    @Override
    public long wakeUps() {
        return 0;
    }

    @Override
    public void release() {}
}
