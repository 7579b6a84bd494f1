package org.xenvmc.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoalTest {
    @Test
    void shouldBeMetAtTheLimitOfARatio() {
        Goal goal = Goal.ratioAtLeast(0.85);
        assertThat(goal.text()).isEqualTo("ratio >= 0.85");
        assertThat(goal.met(1, 0.85)).isTrue();
        assertThat(goal.met(1, 0.849)).isFalse();
    }

    @Test
    void shouldJudgeAbsoluteLimitsWithoutThePeer() {
        Goal goal = Goal.below(10, "ms");
        assertThat(goal.text()).isEqualTo("< 10 ms");
        assertThat(goal.met(9.99, Double.NaN)).isTrue();
        assertThat(goal.met(10, 100)).isFalse();
    }

    @Test
    void shouldBoundARatioOnBothSides() {
        Goal goal = Goal.ratioBetween(0.8, 1.25);
        assertThat(goal.met(1, 1)).isTrue();
        assertThat(goal.met(1, 1.3)).isFalse();
        assertThat(goal.met(1, 0.7)).isFalse();
    }

    @Test
    void shouldNotBeMetByANumberThatDoesNotExist() {
        assertThat(Goal.ratioAtLeast(1).met(1, Double.NaN)).isFalse();
        assertThat(Goal.below(1, "ms").met(Double.NaN, 1)).isFalse();
    }

    @Test
    void shouldHaveNoOutcomeWithoutAGoal() {
        assertThat(Goal.none().text()).isEmpty();
        assertThat(Goal.none().met(1, 1)).isNull();
    }
}
