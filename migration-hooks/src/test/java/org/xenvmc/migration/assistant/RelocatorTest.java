package org.xenvmc.migration.assistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.RelocationReport;
import org.xenvmc.migration.RelocationReport.Outcome;
import org.xenvmc.migration.Relocator;

class RelocatorTest {
    private final FakeEngine engine = new FakeEngine("old");
    private final LiveMigrationAssistant assistant = LiveMigrationAssistant.of(engine);
    private final Relocator relocator = assistant.relocator();

    private void start(String id) {
        MigrationNotice notice = new MigrationNotice(id, "new", MigrationMode.KEEP, Duration.ofSeconds(5));
        relocator.start(notice, "old", Duration.ZERO, Duration.ZERO);
    }

    private RelocationReport await(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> relocator.report(id).orElseThrow(), report -> report.outcome() != Outcome.RUNNING);
    }

    @Test
    void shouldArriveWhenEverythingWorks() {
        start("m1");

        RelocationReport report = await("m1");

        assertThat(report.outcome()).isEqualTo(Outcome.ARRIVED);
        assertThat(report.connections()).isEqualTo(FakeEngine.REPORT);
        assertThat(report.error()).isEmpty();
        assertThat(report.fromHost()).isEqualTo("old");
        assertThat(engine.host).isEqualTo("new");
        assertThat(relocator.latest()).contains(report);
    }

    @Test
    void shouldReturnWhenTheNewHostRefuses() {
        engine.refused.add("new");
        start("m1");

        RelocationReport report = await("m1");

        assertThat(report.outcome()).isEqualTo(Outcome.RETURNED);
        assertThat(report.error()).contains("new is full");
        assertThat(engine.host).isEqualTo("old");
        assertThat(assistant.phase()).isEqualTo(MigrationPhase.SETTLED);
    }

    @Test
    void shouldReturnWhenItCannotLeave() {
        engine.leavingFails = new IOException("peer 3 is silent");
        start("m1");

        RelocationReport report = await("m1");

        assertThat(report.outcome()).isEqualTo(Outcome.RETURNED);
        assertThat(report.error()).contains("peer 3 is silent");
        assertThat(assistant.phase()).isEqualTo(MigrationPhase.SETTLED);
    }

    @Test
    void shouldSayThatItIsStrandedWhenBothHostsRefuse() {
        engine.refused.add("new");
        engine.refused.add("old");
        start("m1");

        RelocationReport report = await("m1");

        assertThat(report.outcome()).isEqualTo(Outcome.STRANDED);
        assertThat(report.error()).contains("new is full", "old is full");
    }

    @Test
    void shouldNotEvenBeginWhenSomebodyElseMigratesTheVm() throws IOException {
        assistant.prepare(new MigrationNotice("other", "new", MigrationMode.KEEP, Duration.ofSeconds(5)));
        start("m1");

        RelocationReport report = await("m1");

        assertThat(report.outcome()).isEqualTo(Outcome.RETURNED);
        assertThat(report.error()).contains("other");
        assertThat(assistant.notice().id()).isEqualTo("other");
    }

    @Test
    void shouldMoveOnceAtATime() throws InterruptedException {
        engine.leavingWaitsFor = new CountDownLatch(1);
        start("m1");
        assertThat(engine.leaving.await(10, TimeUnit.SECONDS)).isTrue();

        assertThatIllegalStateException().isThrownBy(() -> start("m2")).withMessageContaining("m1 is under way");

        assertThat(relocator.report("m1").orElseThrow().outcome()).isEqualTo(Outcome.RUNNING);
        engine.leavingWaitsFor.countDown();
        await("m1");
        start("m2");
        await("m2");
    }

    @Test
    void shouldRefuseAnIdThatWasUsedBefore() {
        start("m1");
        await("m1");

        assertThatIllegalStateException().isThrownBy(() -> start("m1")).withMessageContaining("another id");
    }

    @Test
    void shouldForgetTheOldestReportsOnly() {
        for (int i = 0; i < 70; i++) {
            start("m" + i);
            await("m" + i);
        }

        assertThat(relocator.report("m0")).isEmpty();
        assertThat(relocator.report("m69")).isPresent();
        assertThat(relocator.report("m10")).isPresent();
    }

    @Test
    void shouldRefuseAMoveThatGoesNowhere() {
        MigrationNotice nowhere = new MigrationNotice("m1", null, MigrationMode.KEEP, Duration.ofSeconds(5));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> relocator.start(nowhere, "old", Duration.ZERO, Duration.ZERO))
                .withMessageContaining("names no host");
        assertThat(relocator.latest()).isEmpty();
    }
}
