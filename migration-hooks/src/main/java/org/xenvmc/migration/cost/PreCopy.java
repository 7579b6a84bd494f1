package org.xenvmc.migration.cost;

import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.cost.PreCopyEstimate.Outcome;
import org.xenvmc.migration.cost.PreCopyEstimate.Round;

/**
 * Pre-copy live migration as the paper describes it: the first round sends all pages while the machine runs, each
 * further one the pages that became dirty during the one before; then the machine is stopped and the rest is sent.
 *
 * @param memoryPages pages of the machine that carry something; pages of zeros cost next to nothing and do not count
 * @param bytesPerPage bytes on the wire per page, {@value #PAGE_BYTES} at least
 * @param bandwidthBytesPerSecond bandwidth of the migration
 * @param rule when to stop
 * @param pauseNs downtime beside the sending of pages: devices' state, resuming
 */
public record PreCopy(long memoryPages, int bytesPerPage, long bandwidthBytesPerSecond, StopRule rule, long pauseNs) {
    /** Bytes of a page. */
    public static final int PAGE_BYTES = 4096;

    /** What QEMU sends per page: the page, its address and flags. */
    public static final int QEMU_BYTES_PER_PAGE = PAGE_BYTES + Long.BYTES;

    /** A machine whose dirty pages become fewer so slowly is taken for one that never gets there. */
    private static final int MOST_ROUNDS = 10_000;

    /** Checks the numbers. */
    public PreCopy {
        if (memoryPages < 1 || bandwidthBytesPerSecond < 1 || bytesPerPage < PAGE_BYTES || pauseNs < 0) {
            throw new IllegalArgumentException("impossible: " + memoryPages + " pages of " + bytesPerPage
                    + " bytes, bandwidth " + bandwidthBytesPerSecond + " B/s, pause " + pauseNs + " ns");
        }
    }

    /** Without anything but the pages themselves on the wire, and without a pause. */
    public PreCopy(long memoryPages, long bandwidthBytesPerSecond, StopRule rule) {
        this(memoryPages, PAGE_BYTES, bandwidthBytesPerSecond, rule, 0);
    }

    /** Goes through the rounds. */
    public PreCopyEstimate estimate(DirtyModel model) {
        List<Round> rounds = new ArrayList<>();
        long pages = memoryPages;
        while (true) {
            long ns = transferNs(pages);
            long dirtied = Math.min(memoryPages, model.pagesWithin(ns));
            rounds.add(new Round(pages, ns, dirtied));
            if (rule.isEnough(dirtied, transferNs(dirtied))) {
                return new PreCopyEstimate(this, rounds, Outcome.CONVERGED, dirtied);
            }
            if (rule.isLast(rounds.size())) {
                return new PreCopyEstimate(this, rounds, Outcome.ROUND_LIMIT, dirtied);
            }
            // what a round leaves depends on what it sends only: as many again is as many for ever
            if (rule.maxRounds() == 0 && (dirtied == pages || rounds.size() == MOST_ROUNDS)) {
                return new PreCopyEstimate(this, rounds, Outcome.NEVER, dirtied);
            }
            pages = dirtied;
        }
    }

    /** How long pages take on the wire. */
    long transferNs(long pages) {
        return PageTime.ns(Math.multiplyExact(pages, bytesPerPage), bandwidthBytesPerSecond);
    }
}
