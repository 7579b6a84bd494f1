package org.xenvmc.migration.cli.demo.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cli.demo.vm.WaitLog.Pause;
import org.xenvmc.transport.Path;

class WaitLogTest {
    private static final long MS = 1_000_000;

    private final WaitLog log = new WaitLog();

    @Test
    void shouldFindTheLongestWaitAroundEachChange() {
        log.read(0, 900 * MS, Path.TCP); // long before
        log.read(990 * MS, 993 * MS, Path.TCP);
        log.read(1000 * MS, 1001 * MS, Path.SHARED_MEMORY);
        log.read(1005 * MS, 1007 * MS, Path.SHARED_MEMORY);
        log.read(1100 * MS, 1200 * MS, Path.SHARED_MEMORY); // long after
        log.read(1300 * MS, 1309 * MS, Path.FRAMED_TCP);

        assertThat(log.pauses())
                .containsExactly(new Pause(Path.SHARED_MEMORY, 3 * MS), new Pause(Path.FRAMED_TCP, 9 * MS));
    }

    @Test
    void shouldReportNoPauseWhenNothingWaited() {
        log.read(0, 10, Path.TCP);
        log.read(20, 30, Path.SHARED_MEMORY);

        assertThat(log.pauses()).containsExactly(new Pause(Path.SHARED_MEMORY, 0));
        assertThat(log.meanNs()).isZero();
    }

    @Test
    void shouldKeepManyWaits() {
        for (int i = 0; i < 10_000; i++) {
            log.read(i * MS, i * MS + 50_000, Path.TCP);
        }

        assertThat(log.meanNs()).isEqualTo(50_000);
    }
}
