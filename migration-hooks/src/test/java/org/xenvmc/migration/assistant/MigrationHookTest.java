package org.xenvmc.migration.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;

class MigrationHookTest {
    private final FakeEngine engine = new FakeEngine("old");
    private final MigrationHook hook = LiveMigrationAssistant.of(engine).hook();
    private final MigrationNotice notice = new MigrationNotice("m1", "new", MigrationMode.KEEP, Duration.ofSeconds(5));

    @Test
    void shouldAnswerEveryStepWithThePhaseAfterIt() {
        assertThat(hook.prepare(notice)).isEqualTo(new Answer(true, MigrationPhase.PRE_COPY, null, ""));
        assertThat(hook.finish("m1")).isEqualTo(new Answer(true, MigrationPhase.AWAY, FakeEngine.REPORT, ""));
        assertThat(hook.resumed("m1", "new")).isEqualTo(new Answer(true, MigrationPhase.SETTLED, null, ""));
        assertThat(engine.host).isEqualTo("new");
    }

    @Test
    void shouldAnswerAnAbortWithTheWayBack() {
        hook.prepare(notice);
        hook.finish("m1");

        assertThat(hook.aborted("m1")).isEqualTo(new Answer(true, MigrationPhase.SETTLED, null, ""));
        assertThat(engine.host).isEqualTo("old");
    }

    @Test
    void shouldRefuseInsteadOfThrowingWhenAStepFails() {
        hook.prepare(notice);
        engine.leavingFails = new IOException("peer 3 is silent");

        assertThat(hook.finish("m1")).isEqualTo(new Answer(false, MigrationPhase.PRE_COPY, null, "peer 3 is silent"));
    }

    @Test
    void shouldRefuseInsteadOfThrowingWhenAStepComesInTheWrongPhase() {
        Answer second = refusedAfter(hook.prepare(notice), notice);

        assertThat(second.detail()).contains("PRE_COPY", "m1", "finishMigration");
    }

    private Answer refusedAfter(Answer first, MigrationNotice again) {
        assertThat(first.accepted()).isTrue();
        Answer second = hook.prepare(again);
        assertThat(second.accepted()).isFalse();
        return second;
    }

    @Test
    void shouldRefuseStepsOfAnotherMigration() {
        assertThat(hook.finish("m1").detail()).contains("m1 is not under way, none is");
        hook.prepare(notice);

        Answer refused = hook.finish("m2");

        assertThat(refused.accepted()).isFalse();
        assertThat(refused.detail()).contains("m2 is not under way, migration m1 is");
        assertThat(hook.aborted("m2").accepted()).isFalse();
        assertThat(hook.resumed("m2", "new").accepted()).isFalse();
        assertThat(engine.asked).isEmpty();
    }
}
