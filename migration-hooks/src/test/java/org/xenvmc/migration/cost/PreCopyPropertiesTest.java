package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.PreCopyEstimate.Outcome;
import org.xenvmc.migration.cost.PreCopyEstimate.Round;
import org.xenvmc.migration.world.TestSeed;

/** What holds for every machine, tried on many. */
class PreCopyPropertiesTest {
    private static final int MACHINES = 3_000;

    private Random random;

    @BeforeEach
    void seed() {
        random = new Random(TestSeed.next("PreCopyPropertiesTest"));
    }

    private DirtyModel anyModel(long memory) {
        long rate = (long) Math.pow(10, random.nextDouble() * 6);
        long set = 1 + (long) (memory * random.nextDouble());
        DirtyModel base =
                switch (random.nextInt(4)) {
                    case 0 -> DirtyModel.rate(rate);
                    case 1 -> DirtyModel.workingSet(set, rate);
                    case 2 -> DirtyModel.scattered(set, rate);
                    default -> DirtyModel.idle();
                };
        return random.nextBoolean() ? base : base.plus(DirtyModel.scattered(1 + random.nextInt(500), rate / 3));
    }

    private StopRule anyRule() {
        return switch (random.nextInt(4)) {
            case 0 -> StopRule.PAPER;
            case 1 -> StopRule.THESIS;
            case 2 -> StopRule.qemu(Duration.ofMillis(1 + random.nextInt(1_000)));
            default -> new StopRule(1 + random.nextInt(60), random.nextInt(300), -1);
        };
    }

    private long anyMemory() {
        return 1 + (long) Math.pow(10, random.nextDouble() * 7);
    }

    private long anyBandwidth() {
        return 1 + (long) Math.pow(10, 4 + random.nextDouble() * 6);
    }

    @Test
    void shouldBeConsistentInItself() {
        for (int i = 0; i < MACHINES; i++) {
            PreCopy migration = new PreCopy(anyMemory(), anyBandwidth(), anyRule());
            PreCopyEstimate e = migration.estimate(anyModel(migration.memoryPages()));

            assertThat(e.rounds()).as("%s", migration).isNotEmpty();
            assertThat(e.rounds().get(0).pages()).isEqualTo(migration.memoryPages());
            for (int r = 1; r < e.rounds().size(); r++) {
                Round before = e.rounds().get(r - 1);
                assertThat(e.rounds().get(r).pages()).isEqualTo(before.dirtiedPages());
                assertThat(e.rounds().get(r).dirtiedPages()).isLessThanOrEqualTo(before.dirtiedPages());
            }
            int limit = migration.rule().maxRounds();
            assertThat(e.rounds().size()).isLessThanOrEqualTo(limit == 0 ? 10_000 : limit);
            if (e.outcome() == Outcome.ROUND_LIMIT) {
                assertThat(e.rounds()).hasSize(limit);
            }
            if (e.outcome() == Outcome.NEVER) {
                assertThat(limit).isZero();
                assertThat(e.pagesSent()).isEmpty();
                assertThat(e.verdict()).startsWith("does not converge");
            } else {
                assertThat(e.pagesSent().getAsLong()).isGreaterThanOrEqualTo(migration.memoryPages());
                assertThat(e.overhead().getAsDouble()).isGreaterThanOrEqualTo(1);
                assertThat(e.totalNs().getAsLong())
                        .isGreaterThanOrEqualTo(
                                migration.transferNs(e.pagesSent().getAsLong()));
                assertThat(e.downtimeNs().getAsLong()).isEqualTo(migration.transferNs(e.leftPages()));
            }
        }
    }

    /**
     * Not so the downtime: a faster wire may stop a round earlier, with more pages left, though fewer than the limit.
     */
    @Test
    void shouldNeverSendMoreOrTakeLongerWhenTheBandwidthGrows() {
        for (int i = 0; i < MACHINES; i++) {
            PreCopy slow = new PreCopy(anyMemory(), anyBandwidth(), anyRule());
            PreCopy fast = new PreCopy(
                    slow.memoryPages(),
                    slow.bandwidthBytesPerSecond() + (long) (slow.bandwidthBytesPerSecond() * random.nextDouble()),
                    slow.rule());
            DirtyModel model = anyModel(slow.memoryPages());
            PreCopyEstimate slowly = slow.estimate(model);
            PreCopyEstimate fastly = fast.estimate(model);

            if (slowly.outcome() == Outcome.CONVERGED) {
                assertThat(fastly.outcome()).as("%s, then %s", slow, fast).isEqualTo(Outcome.CONVERGED);
            }
            if (slowly.outcome() != Outcome.NEVER) {
                assertThat(fastly.pagesSent().getAsLong())
                        .as("pages of %s, then %s", slow, fast)
                        .isLessThanOrEqualTo(slowly.pagesSent().getAsLong());
                assertThat(fastly.totalNs().getAsLong())
                        .as("time of %s, then %s", slow, fast)
                        .isLessThanOrEqualTo(slowly.totalNs().getAsLong());
            }
        }
    }

    @Test
    void shouldNeverSendLessWhenMoreIsWritten() {
        for (int i = 0; i < MACHINES; i++) {
            PreCopy migration = new PreCopy(anyMemory(), anyBandwidth(), anyRule());
            DirtyModel model = anyModel(migration.memoryPages());
            PreCopyEstimate less = migration.estimate(model);
            PreCopyEstimate more = migration.estimate(model.plus(DirtyModel.rate(random.nextInt(10_000))));

            if (more.outcome() != Outcome.NEVER) {
                assertThat(less.pagesSent().getAsLong())
                        .as("%s", migration)
                        .isLessThanOrEqualTo(more.pagesSent().getAsLong());
            }
        }
    }
}
