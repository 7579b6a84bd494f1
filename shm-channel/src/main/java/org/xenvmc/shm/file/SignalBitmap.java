package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.LEAF_OFFSET;
import static org.xenvmc.shm.file.VmEntryDescriptor.MID_OFFSET;
import static org.xenvmc.shm.file.VmEntryDescriptor.TOP_OFFSET;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * Which connections of a VM were signalled: a bit each, in three levels, so that finding them costs what there are, and
 * finding none costs one read. Any number of threads in any number of processes set and drain.
 *
 * <p>Why nothing is lost. All accesses are volatile, so there is one order of them all. A setter goes leaf, mid, top and
 * skips a bit that is set already; a drainer goes top, mid, leaf and takes each word with get-and-set 0. When a setter is
 * through, it has seen or made its top bit set, at some moment t. After t somebody takes that top word (drainers look at
 * the top before they sleep, see {@link Bell}); after that he takes the mid word; after that the leaf word. If the mid or
 * leaf bit is not there any more then, another drainer took it: later than the setter saw or made it set, and that one
 * goes on to the leaf and delivers. Either way the delivery comes after the setter saw or made its leaf bit set, and so
 * after what the setter wrote before: callers of {@link #set} put a full fence in between, since a setter may find all
 * three bits set and write nothing.
 */
public final class SignalBitmap {
    /** The bit of the top word that says that the mailbox has messages. */
    static final long MAIL = 1L << 63;

    private static final long SIGNALS = (1L << 16) - 1;

    private final ByteBuffer entry;

    /** The bitmap of an entry. */
    public SignalBitmap(ByteBuffer entry) {
        this.entry = entry;
    }

    /** Marks a connection, 0 to 65,535. After a full fence. */
    public void set(int connection) {
        int leaf = connection >>> 6;
        int mid = connection >>> 12;
        orVolatile(LEAF_OFFSET + leaf * Long.BYTES, 1L << connection);
        orVolatile(MID_OFFSET + mid * Long.BYTES, 1L << leaf);
        orVolatile(TOP_OFFSET, 1L << mid);
    }

    /** Marks the mailbox. After a full fence. */
    public void setMail() {
        orVolatile(TOP_OFFSET, MAIL);
    }

    private void orVolatile(int offset, long bit) {
        if (((long) Words.LONG.getVolatile(entry, offset) & bit) == 0) {
            Words.LONG.getAndBitwiseOr(entry, offset, bit);
        }
    }

    /** The top word; 0 when nothing was marked. */
    public long topVolatile() {
        return (long) Words.LONG.getVolatile(entry, TOP_OFFSET);
    }

    /** Whether a top word says that connections were signalled. */
    public static boolean hasSignals(long top) {
        return (top & SIGNALS) != 0;
    }

    /** Whether a top word says that the mailbox has messages. */
    public static boolean hasMail(long top) {
        return (top & MAIL) != 0;
    }

    /** Takes the mark of the mailbox away: to be done before the mailbox is read. */
    public boolean takeMail() {
        return hasMail(topVolatile()) && hasMail((long) Words.LONG.getAndBitwiseAnd(entry, TOP_OFFSET, ~MAIL));
    }

    /**
     * Takes all marks of connections and hands them over.
     *
     * @return whether there were any
     */
    public boolean drain(IntConsumer handler) {
        if (!hasSignals(topVolatile())) {
            return false;
        }
        long mids = (long) Words.LONG.getAndBitwiseAnd(entry, TOP_OFFSET, ~SIGNALS) & SIGNALS;
        boolean any = false;
        for (; mids != 0; mids &= mids - 1) {
            any |= drainMid(Long.numberOfTrailingZeros(mids), handler);
        }
        return any;
    }

    private boolean drainMid(int mid, IntConsumer handler) {
        boolean any = false;
        long leaves = (long) Words.LONG.getAndSet(entry, MID_OFFSET + mid * Long.BYTES, 0L);
        for (; leaves != 0; leaves &= leaves - 1) {
            any |= drainLeaf((mid << 6) + Long.numberOfTrailingZeros(leaves), handler);
        }
        return any;
    }

    private boolean drainLeaf(int leaf, IntConsumer handler) {
        long bits = (long) Words.LONG.getAndSet(entry, LEAF_OFFSET + leaf * Long.BYTES, 0L);
        boolean any = bits != 0;
        for (; bits != 0; bits &= bits - 1) {
            handler.accept((leaf << 6) + Long.numberOfTrailingZeros(bits));
        }
        return any;
    }
}
