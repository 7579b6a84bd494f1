package org.xenvmc.migration.cost;

import java.util.BitSet;
import org.xenvmc.shm.ring.RingLayout;

/**
 * Which pages of a ring its ends write. A ring begins with a page: words at its beginning, data from {@link
 * RingLayout#DATA}
 * on, positions after the data.
 */
final class RingPages {
    private static final int NEXT_HEADER_BYTES = 8; // the sender zeroes it in advance

    private RingPages() {}

    /**
     * Different pages that the sender writes while its position goes from one value to another: data, and its
     * position. When
     * it sleeps it also writes a word in the first page.
     */
    static long bySender(long from, long to, int capacity) {
        if (from >= to) {
            return 0;
        }
        BitSet pages = new BitSet();
        pages.set(page(RingLayout.DATA + capacity + 128L)); // the tail
        if (to - from >= capacity) {
            pages.set(page(RingLayout.DATA), page(RingLayout.DATA + capacity - 1L) + 1);
            return pages.cardinality();
        }
        int first = (int) (from & capacity - 1);
        int last = (int) (to + NEXT_HEADER_BYTES - 1 & capacity - 1);
        if (first <= last) {
            data(pages, first, last);
        } else {
            data(pages, first, capacity - 1);
            data(pages, 0, last);
        }
        return pages.cardinality();
    }

    /** The receiver writes its position only, and when it sleeps a word in the first page. */
    static long byReceiver(long from, long to) {
        return from < to ? 1 : 0;
    }

    private static void data(BitSet pages, int first, int last) {
        pages.set(page(RingLayout.DATA + (long) first), page(RingLayout.DATA + (long) last) + 1);
    }

    private static int page(long offset) {
        return (int) (offset / PreCopy.PAGE_BYTES);
    }
}
