package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.PreCopyEstimate.Outcome;
import org.xenvmc.migration.cost.PreCopyEstimate.Round;

/** Cases done by hand. The memory is 10,000 pages (40,960,000 bytes), the bandwidth 1,000 pages per second. */
class PreCopyTest {
    private static final long MEMORY = 10_000;
    private static final long BANDWIDTH = 1_000 * 4096;
    private static final long MS = 1_000_000;

    private static PreCopyEstimate estimate(StopRule rule, DirtyModel model) {
        return new PreCopy(MEMORY, BANDWIDTH, rule).estimate(model);
    }

    /**
     * 100 pages per second. Round 1: 10,000 pages, 10 s, 1,000 dirty. Round 2: 1,000 pages, 1 s, 100 dirty. Round 3:
     * 100
     * pages, 0.1 s, 10 dirty, less than 64. Stopped: 10 pages, 0.01 s. In all 10,000 + 1,000 + 100 + 10 = 11,110 pages
     * in 11.11 s; 11,110 / 10,000 = 1.111.
     */
    @Test
    void shouldShrinkByTheRatioOfDirtyRateAndBandwidth() {
        PreCopyEstimate e = estimate(StopRule.PAPER, DirtyModel.rate(100));

        assertThat(e.rounds())
                .containsExactly(
                        new Round(10_000, 10_000 * MS, 1_000),
                        new Round(1_000, 1_000 * MS, 100),
                        new Round(100, 100 * MS, 10));
        assertThat(e.outcome()).isEqualTo(Outcome.CONVERGED);
        assertThat(e.pagesSent()).hasValue(11_110);
        assertThat(e.totalNs()).hasValue(11_110 * MS);
        assertThat(e.downtimeNs()).hasValue(10 * MS);
        assertThat(e.overhead()).hasValue(1.111);
        assertThat(e.verdict()).isEqualTo("converges after 3 rounds, 10 pages left");
    }

    /**
     * 90 pages per second. Round 1 leaves 900, round 2 (0.9 s) leaves 81: less than 100, not less than 64. The
     * thesis's rule
     * stops: 10,000 + 900 + 81 = 10,981 pages, 81 ms down. The paper's goes on: round 3 (0.081 s) leaves 7.29, that is
     * 8.
     */
    @Test
    void shouldStopAsTheRuleSays() {
        PreCopyEstimate thesis = estimate(StopRule.THESIS, DirtyModel.rate(90));
        PreCopyEstimate paper = estimate(StopRule.PAPER, DirtyModel.rate(90));

        assertThat(thesis.rounds()).hasSize(2);
        assertThat(thesis.pagesSent()).hasValue(10_981);
        assertThat(thesis.downtimeNs()).hasValue(81 * MS);
        assertThat(paper.rounds()).hasSize(3);
        assertThat(paper.pagesSent()).hasValue(10_989);
        assertThat(paper.totalNs()).hasValue(10_000 * MS + 900 * MS + 81 * MS + 8 * MS);
    }

    /** Less than 256 KB are less than 64 pages: 64 go on, 63 are enough. Less than 100: likewise. */
    @Test
    void shouldTakeTheLimitsLiterally() {
        assertThat(StopRule.PAPER.isEnough(64, 0)).isFalse();
        assertThat(StopRule.PAPER.isEnough(63, Long.MAX_VALUE)).isTrue();
        assertThat(StopRule.THESIS.isEnough(100, 0)).isFalse();
        assertThat(StopRule.THESIS.isEnough(99, Long.MAX_VALUE)).isTrue();
        assertThat(StopRule.qemu(Duration.ofMillis(300)).isEnough(1_000_000, 300 * MS))
                .isTrue();
        assertThat(StopRule.qemu(Duration.ofMillis(300)).isEnough(1, 300 * MS + 1))
                .isFalse();
    }

    /**
     * A buffer of 5,000 pages, 2,000 of them filled per second. Round 1 takes 10 s, in which all 5,000 are written;
     * every
     * further one takes 5 s, in which all 5,000 are written again. 29 rounds: 10,000 + 28 x 5,000, then 5,000 more:
     * 155,000
     * pages in 155 s, 5 s of them stopped; 155,000 / 10,000 = 15.5.
     */
    @Test
    void shouldSayPlainlyThatItDoesNotConverge() {
        DirtyModel buffer = DirtyModel.workingSet(5_000, 2_000);
        PreCopyEstimate paper = estimate(StopRule.PAPER, buffer);

        assertThat(paper.outcome()).isEqualTo(Outcome.ROUND_LIMIT);
        assertThat(paper.rounds()).hasSize(29);
        assertThat(paper.pagesSent()).hasValue(155_000);
        assertThat(paper.totalNs()).hasValue(155_000 * MS);
        assertThat(paper.downtimeNs()).hasValue(5_000 * MS);
        assertThat(paper.overhead()).hasValue(15.5);
        assertThat(paper.stuckFromRound()).hasValue(1);
        assertThat(paper.verdict())
                .isEqualTo("does not converge: from round 1 on each round leaves 5,000 pages dirty;"
                        + " the limit of 29 rounds stops the machine nevertheless");

        PreCopyEstimate qemu = estimate(StopRule.qemu(Duration.ofMillis(300)), buffer);

        assertThat(qemu.outcome()).isEqualTo(Outcome.NEVER);
        assertThat(qemu.totalNs()).isEqualTo(OptionalLong.empty());
        assertThat(qemu.downtimeNs()).isEqualTo(OptionalLong.empty());
        assertThat(qemu.pagesSent()).isEqualTo(OptionalLong.empty());
        assertThat(qemu.overhead()).isEqualTo(OptionalDouble.empty());
        assertThat(qemu.verdict()).endsWith("each round leaves 5,000 pages dirty; it would never end");
    }

    /**
     * A small hot buffer of 200 pages, written 400 times per second. By number of pages it never is enough (200 after
     * each of
     * 29 rounds: 10,000 + 28 x 200 + 200 = 15,800), by time it is at once (200 pages take 200 ms).
     */
    @Test
    void shouldLetTheRuleDecideAboutASmallWorkingSet() {
        DirtyModel hot = DirtyModel.workingSet(200, 400);

        // round 2 takes 0.2 s, in which 80 pages are written; round 3 takes 0.08 s: 32 pages, less than 64
        assertThat(estimate(StopRule.PAPER, hot).rounds())
                .extracting(Round::dirtiedPages)
                .containsExactly(200L, 80L, 32L);
        PreCopyEstimate faster = estimate(StopRule.PAPER, DirtyModel.workingSet(200, 1_000));
        assertThat(faster.pagesSent()).hasValue(15_800);
        assertThat(faster.outcome()).isEqualTo(Outcome.ROUND_LIMIT);
        PreCopyEstimate qemu = estimate(StopRule.qemu(Duration.ofMillis(300)), DirtyModel.workingSet(200, 1_000));
        assertThat(qemu.rounds()).hasSize(1);
        assertThat(qemu.pagesSent()).hasValue(10_200);
        assertThat(qemu.downtimeNs()).hasValue(200 * MS);
    }

    /** Nothing is written: one round, nothing left, no downtime but the pause. */
    @Test
    void shouldSendAnIdleMachineOnce() {
        PreCopy migration = new PreCopy(MEMORY, 4096, BANDWIDTH, StopRule.PAPER, 7 * MS);
        PreCopyEstimate e = migration.estimate(DirtyModel.idle());

        assertThat(e.rounds()).containsExactly(new Round(10_000, 10_000 * MS, 0));
        assertThat(e.overhead()).hasValue(1.0);
        assertThat(e.downtimeNs()).hasValue(7 * MS);
        assertThat(e.totalNs()).hasValue(10_007 * MS);
        assertThat(e.verdict()).isEqualTo("converges after 1 round, 0 pages left");
    }

    /** Dirties as fast as it is sent: all of the memory, after every round. */
    @Test
    void shouldNeverEndWhenAllMemoryIsDirtiedAgainAndAgain() {
        PreCopyEstimate e = estimate(StopRule.qemu(Duration.ofMillis(300)), DirtyModel.rate(1_000));

        assertThat(e.rounds()).hasSize(1);
        assertThat(e.outcome()).isEqualTo(Outcome.NEVER);
        assertThat(e.stuckFromRound()).hasValue(1);
        assertThat(e.leftPages()).isEqualTo(MEMORY);
    }

    /**
     * 999 pages per second: each round leaves 99.9% of the one before, rounded up. After 29: still shrinking, and the
     * limit stops the machine.
     */
    @Test
    void shouldTellSlowlyFromNever() {
        PreCopyEstimate e = estimate(StopRule.PAPER, DirtyModel.rate(999));

        assertThat(e.outcome()).isEqualTo(Outcome.ROUND_LIMIT);
        assertThat(e.stuckFromRound()).isEqualTo(OptionalLong.empty());
        assertThat(e.verdict()).contains("they become fewer only slowly");
    }

    /** 4,104 bytes per page at 4,104,000 bytes per second: again 1,000 pages per second. */
    @Test
    void shouldCountWhatGoesWithAPage() {
        PreCopy migration = new PreCopy(MEMORY, PreCopy.QEMU_BYTES_PER_PAGE, 4_104_000, StopRule.PAPER, 0);

        assertThat(migration.estimate(DirtyModel.rate(100)).totalNs()).hasValue(11_110 * MS);
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PreCopy(0, BANDWIDTH, StopRule.PAPER));
        assertThatIllegalArgumentException().isThrownBy(() -> new PreCopy(1, 0, StopRule.PAPER));
        assertThatIllegalArgumentException().isThrownBy(() -> new PreCopy(1, 4095, 1, StopRule.PAPER, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new StopRule(0, 0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> DirtyModel.rate(-1));
    }
}
