package org.xenvmc.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.vm.VmHost;
import org.xenvmc.migration.vm.VmUnavailableException;

/** One small case of the experiment against real guests: mails arrive, all and once, while their receiver is migrated. */
@Tag("vm")
@Tag("packed") // beside the other long ones
@Timeout(240)
class RealGuestsTest {
    private static final Settings SETTINGS =
            new Settings(128 << 20, 500, 29, Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofMillis(500), 1);

    @Test
    void shouldLoseNoMailWhenTheirReceiverIsMigratedOnSharedMemory() throws Exception {
        List<CaseRun> runs = new ArrayList<>();
        try (VmHost host = VmHost.open(GuestClassPath.find())) {
            new Experiment(host, SETTINGS, new PrintWriter(System.out))
                    .run(List.of(Scenario.mail(4, 1, 1, Way.KEEP)), runs::add, () -> false);
        } catch (VmUnavailableException e) {
            Assumptions.abort("real guests cannot be tried here: " + e.getMessage());
        }
        CaseRun run = runs.get(0);
        assertThat(run.error()).isEmpty();
        assertThat(run.figures()).containsEntry(CaseRun.MAILS, 16.0).containsEntry(CaseRun.MAILS_LOST, 0.0);
        assertThat(run.figure(CaseRun.RING_BYTES).orElse(0)).isPositive();
        assertThat(run.figure(CaseRun.PAGES).orElse(0))
                .isGreaterThanOrEqualTo(run.figure(CaseRun.FIRST_ROUND_PAGES).orElse(0))
                .isPositive();
        assertThat(run.series()).isNotEmpty();
    }
}
