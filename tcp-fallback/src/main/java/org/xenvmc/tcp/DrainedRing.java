package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
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
    private final long dropped;
    private boolean readOnce;

    private DrainedRing(long start, long end, long fin, boolean aborted, ByteBuffer rest, long dropped) {
        this.start = start;
        this.end = end;
        this.fin = fin;
        this.aborted = aborted;
        this.rest = rest;
        this.dropped = dropped;
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
        long droppedBefore = ring.droppedBytes();
        while (rest.hasRemaining() && ring.read(rest) > 0) {
            // reads until it has all
        }
        long dropped = ring.droppedBytes() - droppedBefore;
        if (rest.remaining() != dropped) {
            throw new IOException("the ring ends at offset " + last + " but " + rest.remaining()
                    + " bytes are missing, of " + dropped + " that may be");
        }
        return new DrainedRing(ring.start(), end, fin, ring.aborted(), rest.flip(), dropped);
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
        readOnce = true;
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
    public void urgentInline(BooleanSupplier inline) {
        // it was asked when the ring was emptied
    }

    /** Counted with the first read. */
    @Override
    public long droppedBytes() {
        return readOnce ? dropped : 0;
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
    public boolean mayVanish() {
        return false;
    }

    @Override
    public void release() {}
}
