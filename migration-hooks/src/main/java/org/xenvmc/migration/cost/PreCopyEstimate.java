package org.xenvmc.migration.cost;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How a migration would go. The paper's measures: pages sent in all (Vmig), total time (Tmig), downtime, overhead (Rd
 * = Vmig /
 * Vmem).
 *
 * @param migration what was asked
 * @param rounds the rounds while the machine runs
 * @param outcome how they end
 * @param leftPages pages dirty after the last of them, which are sent while the machine is stopped
 */
public record PreCopyEstimate(PreCopy migration, List<Round> rounds, Outcome outcome, long leftPages) {
    /** How pre-copy ends. */
    public enum Outcome {
        /** Few enough pages were left. */
        CONVERGED,
        /** Too many pages were left, and the limit of rounds stopped the machine nevertheless. */
        ROUND_LIMIT,
        /** Too many pages are left after every round, and no limit of rounds ends it. */
        NEVER
    }

    /**
     * One round while the machine runs.
     *
     * @param pages pages sent
     * @param ns its length
     * @param dirtiedPages pages that became dirty meanwhile
     */
    public record Round(long pages, long ns, long dirtiedPages) {}

    /** Keeps a copy of the rounds. */
    public PreCopyEstimate {
        rounds = List.copyOf(rounds);
    }

    /** Pages sent in all; empty when it never ends. */
    public OptionalLong pagesSent() {
        return ends() ? OptionalLong.of(sentRunning() + leftPages) : OptionalLong.empty();
    }

    /** From the beginning until the machine runs again; empty when it never ends. */
    public OptionalLong totalNs() {
        return ends()
                ? OptionalLong.of(rounds.stream().mapToLong(Round::ns).sum() + stoppedNs())
                : OptionalLong.empty();
    }

    /** How long the machine is stopped; empty when it never is. */
    public OptionalLong downtimeNs() {
        return ends() ? OptionalLong.of(stoppedNs()) : OptionalLong.empty();
    }

    /** Pages sent per page of memory; empty when it never ends. */
    public OptionalDouble overhead() {
        return ends()
                ? OptionalDouble.of((double) (sentRunning() + leftPages) / migration.memoryPages())
                : OptionalDouble.empty();
    }

    private boolean ends() {
        return outcome != Outcome.NEVER;
    }

    private long sentRunning() {
        return rounds.stream().mapToLong(Round::pages).sum();
    }

    private long stoppedNs() {
        return migration.transferNs(leftPages) + migration.pauseNs();
    }

    /** The round from which on every round left as many dirty pages; empty when they became fewer to the end. */
    public OptionalLong stuckFromRound() {
        int first = rounds.size() - 1;
        while (first > 0 && rounds.get(first - 1).dirtiedPages() == leftPages) {
            first--;
        }
        boolean again = first < rounds.size() - 1 || rounds.get(first).pages() == leftPages;
        return again && outcome != Outcome.CONVERGED ? OptionalLong.of(first + 1L) : OptionalLong.empty();
    }

    /** In one sentence whether it converges, and if not, why. */
    public String verdict() {
        int count = rounds.size();
        String left = String.format(Locale.ROOT, "%,d pages", leftPages);
        if (outcome == Outcome.CONVERGED) {
            return "converges after " + count + (count == 1 ? " round, " : " rounds, ") + left + " left";
        }
        OptionalLong stuck = stuckFromRound();
        String why = stuck.isPresent()
                ? "from round " + stuck.getAsLong() + " on each round leaves " + left + " dirty"
                : "after " + count + " rounds " + left + " are dirty, and they become fewer only slowly";
        return "does not converge: " + why
                + (outcome == Outcome.NEVER
                        ? "; it would never end"
                        : "; the limit of " + count + " rounds stops the machine nevertheless");
    }
}
