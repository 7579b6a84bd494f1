package org.xenvmc.migration.assistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xenvmc.migration.MigrationPhase.AWAY;
import static org.xenvmc.migration.MigrationPhase.FINISHING;
import static org.xenvmc.migration.MigrationPhase.PRE_COPY;
import static org.xenvmc.migration.MigrationPhase.SETTLED;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.MigrationListener;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;

class LiveMigrationAssistantTest {
    private static final Duration LIMIT = Duration.ofMillis(1234);

    private final FakeEngine engine = new FakeEngine("old");
    private final LiveMigrationAssistant assistant = LiveMigrationAssistant.of(engine);

    private static MigrationNotice notice(MigrationMode mode) {
        return new MigrationNotice("m1", "new", mode, LIMIT);
    }

    private void come(MigrationPhase phase) throws IOException {
        if (phase != SETTLED) {
            assistant.prepare(notice(MigrationMode.KEEP));
        }
        if (phase == AWAY) {
            assistant.finishMigration();
        }
    }

    private void call(String name) throws IOException {
        switch (name) {
            case "prepare" -> assistant.prepare(notice(MigrationMode.KEEP));
            case "finishMigration" -> assistant.finishMigration();
            case "aborted" -> assistant.aborted();
            default -> assistant.resumed("new");
        }
    }

    @Test
    void shouldStayOnSharedMemoryUntilTheEndWhenItIsToKeep() throws IOException {
        assertThat(assistant.prepare(notice(MigrationMode.KEEP))).isNull();

        assertThat(engine.asked).isEmpty();
        assertThat(assistant.phase()).isEqualTo(PRE_COPY);
        assertThat(assistant.finishMigration()).isEqualTo(FakeEngine.REPORT);
        assertThat(engine.asked).containsExactly("leave within 1234");
        assertThat(assistant.phase()).isEqualTo(AWAY);
    }

    @Test
    void shouldLeaveAtOnceAndOnlyOnceWhenItIsToLeaveEarly() throws IOException {
        assertThat(assistant.prepare(notice(MigrationMode.EARLY))).isEqualTo(FakeEngine.REPORT);

        assertThat(engine.asked).containsExactly("leave within 1234");
        assertThat(assistant.phase()).isEqualTo(PRE_COPY);
        assertThat(assistant.finishMigration()).isEqualTo(FakeEngine.REPORT);
        assertThat(engine.asked).hasSize(1);
    }

    @Test
    void shouldJoinTheNewHostWhenItIsResumed() throws IOException {
        come(AWAY);

        assistant.resumed("new");

        assertThat(engine.host).isEqualTo("new");
        assertThat(assistant.phase()).isEqualTo(SETTLED);
        assertThat(assistant.notice()).isNull();
    }

    @Test
    void shouldMigrateAgainWhenAMigrationIsOver() throws IOException {
        come(AWAY);
        assistant.resumed("new");

        come(AWAY);
        assistant.aborted();

        assertThat(engine.host).isEqualTo("new");
        assertThat(assistant.phase()).isEqualTo(SETTLED);
    }

    @ParameterizedTest
    @CsvSource({
        "SETTLED,finishMigration,prepare",
        "SETTLED,aborted,prepare",
        "SETTLED,resumed,prepare",
        "PRE_COPY,prepare,finishMigration",
        "PRE_COPY,resumed,finishMigration",
        "AWAY,prepare,resumed",
        "AWAY,finishMigration,resumed"
    })
    void shouldSayWhatIsAllowedWhenACallComesInTheWrongPhase(MigrationPhase phase, String call, String allowed)
            throws IOException {
        come(phase);
        List<String> before = List.copyOf(engine.asked);

        assertThatIllegalStateException()
                .isThrownBy(() -> call(call))
                .withMessageContaining(call + " is not possible in phase " + phase)
                .withMessageContaining(allowed);
        assertThat(assistant.phase()).isEqualTo(phase);
        assertThat(engine.asked).isEqualTo(before);
    }

    @Test
    void shouldGoOnWhereItWasWhenAMigrationIsAbortedBeforeItLeft() throws IOException {
        come(PRE_COPY);

        assistant.aborted();

        assertThat(engine.asked).isEmpty();
        assertThat(assistant.phase()).isEqualTo(SETTLED);
    }

    @ParameterizedTest
    @EnumSource(MigrationMode.class)
    void shouldJoinTheOldHostAgainWhenAMigrationIsAbortedAfterItLeft(MigrationMode mode) throws IOException {
        assistant.prepare(notice(mode));
        if (mode == MigrationMode.KEEP) {
            assistant.finishMigration();
        }

        assistant.aborted();

        assertThat(engine.asked).containsExactly("leave within 1234", "join old");
        assertThat(assistant.phase()).isEqualTo(SETTLED);
    }

    @Test
    void shouldForbidToStopTheVmAndAllowAnotherAttemptWhenLeavingFails() throws IOException {
        come(PRE_COPY);
        engine.leavingFails = new IOException("peer 3 is silent");

        assertThatIOException().isThrownBy(assistant::finishMigration).withMessage("peer 3 is silent");
        assertThat(assistant.phase()).isEqualTo(PRE_COPY);

        engine.leavingFails = null;
        assistant.finishMigration();
        assertThat(assistant.phase()).isEqualTo(AWAY);
    }

    @Test
    void shouldNotStayInPhaseThreeWhenLeavingFailsInAnUnexpectedWay() throws IOException {
        come(PRE_COPY);
        engine.leavingFails = new IllegalArgumentException("a bug");

        assertThatThrownBy(assistant::finishMigration).hasMessage("a bug");
        assertThat(assistant.phase()).isEqualTo(PRE_COPY);
    }

    @Test
    void shouldBeSettledWhenLeavingEarlyFails() throws IOException {
        engine.leavingFails = new IOException("peer 3 is silent");

        assertThatIOException().isThrownBy(() -> assistant.prepare(notice(MigrationMode.EARLY)));
        assertThat(assistant.phase()).isEqualTo(SETTLED);
        assertThat(engine.host).isEqualTo("old");
    }

    @Test
    void shouldAllowTheWayBackWhenTheNewHostCannotBeJoined() throws IOException {
        come(AWAY);
        engine.refused.add("new");

        assertThatIOException().isThrownBy(() -> assistant.resumed("new")).withMessage("new is full");
        assertThat(assistant.phase()).isEqualTo(AWAY);

        assistant.aborted();
        assertThat(engine.host).isEqualTo("old");
    }

    @Test
    void shouldAllowAnotherAttemptWhenTheOldHostCannotBeJoined() throws IOException {
        come(AWAY);
        engine.refused.add("old");

        assertThatIOException().isThrownBy(assistant::aborted).withMessage("old is full");
        assertThat(assistant.phase()).isEqualTo(AWAY);

        engine.refused.clear();
        assistant.aborted();
        assertThat(engine.host).isEqualTo("old");
    }

    @Test
    void shouldTellListenersEveryPhaseInOrder() throws IOException {
        List<String> seen = new CopyOnWriteArrayList<>();
        MigrationListener failing = change -> {
            IllegalStateException e = new IllegalStateException("a listener that fails; expected in the log");
            e.setStackTrace(new StackTraceElement[0]);
            throw e;
        };
        MigrationListener removed = change -> seen.add("removed");
        assistant.addListener(failing);
        assistant.addListener(removed);
        assistant.addListener(change -> seen.add(change.migrationId() + " " + change.from() + ">" + change.to()
                + (assistant.phase() == change.to() ? "" : " but is " + assistant.phase())));
        assistant.removeListener(removed);

        come(AWAY);
        assistant.resumed("new");

        assertThat(seen)
                .containsExactly(
                        "m1 SETTLED>PRE_COPY", "m1 PRE_COPY>FINISHING", "m1 FINISHING>AWAY", "m1 AWAY>SETTLED");
    }

    @Test
    void shouldRefuseAListenerThatWantsToChangeThePhase() throws IOException {
        List<String> refusals = new CopyOnWriteArrayList<>();
        assistant.addListener(change -> {
            try {
                assistant.aborted();
            } catch (IOException | IllegalStateException e) {
                refusals.add(e.getMessage());
            }
        });

        come(PRE_COPY);

        assertThat(refusals).hasSize(1).first().asString().contains("called by a MigrationListener");
        assertThat(assistant.phase()).isEqualTo(PRE_COPY);
    }

    @Test
    void shouldShowPhaseThreeAndMakeOthersWaitWhileTheVmLeaves() throws Exception {
        come(PRE_COPY);
        engine.leavingWaitsFor = new CountDownLatch(1);
        CompletableFuture<Void> finishing = inBackground(assistant::finishMigration);
        assertThat(engine.leaving.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(assistant.phase()).isEqualTo(FINISHING);

        CompletableFuture<Void> abort = inBackground(assistant::aborted);
        engine.leavingWaitsFor.countDown();

        finishing.get(10, TimeUnit.SECONDS);
        abort.get(10, TimeUnit.SECONDS);
        assertThat(assistant.phase()).isEqualTo(SETTLED);
        assertThat(engine.asked).containsExactly("leave within 1234", "join old");
    }

    @Test
    void shouldGiveUpWaitingForAnotherCallWhenTheLimitIsOver() throws Exception {
        come(PRE_COPY);
        engine.leavingWaitsFor = new CountDownLatch(1);
        CompletableFuture<Void> finishing = inBackground(assistant::finishMigration);
        assertThat(engine.leaving.await(10, TimeUnit.SECONDS)).isTrue();

        MigrationNotice impatient = new MigrationNotice("m2", "new", MigrationMode.KEEP, Duration.ofMillis(1));
        assertThatIOException()
                .isThrownBy(() -> assistant.prepare(impatient))
                .withMessageContaining("prepare waited 1 ms")
                .withMessageContaining("FINISHING");

        engine.leavingWaitsFor.countDown();
        finishing.get(10, TimeUnit.SECONDS);
        assertThat(assistant.phase()).isEqualTo(AWAY);
    }

    @Test
    void shouldStopWaitingWhenTheThreadIsInterrupted() throws Exception {
        come(PRE_COPY);
        engine.leavingWaitsFor = new CountDownLatch(1);
        CompletableFuture<Void> finishing = inBackground(assistant::finishMigration);
        assertThat(engine.leaving.await(10, TimeUnit.SECONDS)).isTrue();

        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(assistant::aborted).isInstanceOf(InterruptedIOException.class);
        } finally {
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            engine.leavingWaitsFor.countDown();
        }
        finishing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldBeTheSameForTheSameVmOnly() {
        assertThat(LiveMigrationAssistant.of(engine)).isSameAs(assistant);
        assertThat(LiveMigrationAssistant.of(new FakeEngine("old"))).isNotSameAs(assistant);
    }

    @Test
    void shouldRefuseANoticeThatMakesNoSense() {
        assertThatThrownBy(() -> new MigrationNotice(" ", "new", MigrationMode.KEEP, LIMIT))
                .hasMessageContaining("id");
        assertThatThrownBy(() -> new MigrationNotice("m", "new", MigrationMode.KEEP, Duration.ZERO))
                .hasMessageContaining("not positive");
    }

    @FunctionalInterface
    private interface VoidCall {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> inBackground(VoidCall call) {
        return CompletableFuture.runAsync(() -> {
            try {
                call.run();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }
}
