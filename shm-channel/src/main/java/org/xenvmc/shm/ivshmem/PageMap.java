package org.xenvmc.shm.ivshmem;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Queue;

/** Which pages of this VM's ring memory are granted. Thread-safe. */
final class PageMap {
    private record Quarantined(int first, int pages, long untilNs) {}

    private final int pages;
    private final BitSet used = new BitSet();
    private final Queue<Quarantined> quarantine = new ArrayDeque<>();

    PageMap(int pages) {
        this.pages = pages;
    }

    /** Takes so many pages in a row; -1 when there is no such row. */
    synchronized int take(int count) {
        endQuarantine();
        for (int from = used.nextClearBit(0); from + count <= pages; ) {
            int next = used.nextSetBit(from);
            if (next < 0 || next >= from + count) {
                used.set(from, from + count);
                return from;
            }
            from = used.nextClearBit(next);
        }
        return -1;
    }

    synchronized void free(int first, int count) {
        used.clear(first, first + count);
    }

    /** Frees pages later: a peer that is thought to be dead may still write a word there. */
    synchronized void freeLater(int first, int count, long afterNs) {
        quarantine.add(new Quarantined(first, count, System.nanoTime() + afterNs));
    }

    private void endQuarantine() {
        while (!quarantine.isEmpty() && System.nanoTime() - quarantine.peek().untilNs >= 0) {
            Quarantined q = quarantine.remove();
            used.clear(q.first, q.first + q.pages);
        }
    }

    synchronized int free() {
        endQuarantine();
        return pages - used.cardinality();
    }

    /** The longest row of free pages. */
    synchronized int longestRow() {
        endQuarantine();
        int longest = 0;
        for (int from = used.nextClearBit(0); from < pages; ) {
            int next = used.nextSetBit(from);
            int end = next < 0 ? pages : next;
            longest = Math.max(longest, end - from);
            from = used.nextClearBit(end);
        }
        return longest;
    }
}
