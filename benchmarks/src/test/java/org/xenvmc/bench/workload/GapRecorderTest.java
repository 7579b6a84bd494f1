package org.xenvmc.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GapRecorderTest {
    private final GapRecorder gaps = new GapRecorder();

    @Test
    void shouldReportTheLongestGapWithinTheWindow() {
        gaps.arrived(0);
        gaps.arrived(1_000);
        gaps.open();
        gaps.arrived(1_010);
        gaps.arrived(1_110);
        gaps.arrived(1_115);
        assertThat(gaps.longestNs()).isEqualTo(100);
    }

    @Test
    void shouldCountAGapThatBeganBeforeTheWindow() {
        gaps.arrived(0);
        gaps.open();
        gaps.arrived(500);
        gaps.arrived(501);
        assertThat(gaps.longestNs()).isEqualTo(500);
    }

    @Test
    void shouldForgetTheWindowBefore() {
        gaps.arrived(0);
        gaps.open();
        gaps.arrived(900);
        gaps.open();
        gaps.arrived(910);
        gaps.arrived(930);
        assertThat(gaps.longestNs()).isEqualTo(20);
        assertThat(gaps.arrivals()).isEqualTo(4);
    }

    @Test
    void shouldNotTakeTheFirstArrivalForAGap() {
        gaps.open();
        gaps.arrived(1_000_000);
        gaps.arrived(1_000_003);
        assertThat(gaps.longestNs()).isEqualTo(3);
    }
}
