package org.xenvmc.bench.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NetworkTest {
    private static final Task FTP = Task.ofProgram("passive", 100_000);

    @Test
    void shouldReadWhatTheKernelCounts() throws IOException {
        NetworkCounters counters = NetworkCounters.parse(
                List.of("Inter-|", " face |bytes", "    lo: 1234 9 0 0 0 0 0 0 1234 9", "  eth0:77 1"),
                List.of("TcpExt: A DelayedACKs B", "TcpExt: 1 5678 3", "IpExt: X", "IpExt: 2"));
        assertThat(counters).isEqualTo(new NetworkCounters(1234, 5678));
    }

    @Test
    void shouldReadACounterThatTouchesTheNameOfTheDevice() throws IOException {
        assertThat(NetworkCounters.parse(List.of("lo:5 1"), List.of("TcpExt: DelayedACKs", "TcpExt: 6")))
                .isEqualTo(new NetworkCounters(5, 6));
    }

    @Test
    void shouldSayWhichCounterTheKernelLacks() {
        assertThatThrownBy(() -> NetworkCounters.parse(List.of(), List.of())).hasMessageContaining("lo:");
        assertThatThrownBy(() -> NetworkCounters.parse(List.of("lo: 1 1"), List.of("TcpExt: A", "TcpExt: 1")))
                .hasMessageContaining("DelayedACKs");
    }

    @Test
    void shouldPutNothingBeforeACommandWhereTheDriverIs() {
        assertThat(Network.HOST.obstacle()).isEmpty();
        assertThat(Network.HOST.before()).isEmpty();
        assertThat(Network.HOST.joining(1)).isEmpty();
    }

    /** A file that is sent ends with a packet which nothing answers: without this, its acknowledgement waits for a timer. */
    @Test
    @Tag("packed")
    @EnabledOnOs(OS.LINUX)
    void shouldAcknowledgeAtOnceWhereTheRoutesSaySo() throws Exception {
        Optional<String> obstacle = Network.QUICK_ACK.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        assertThat(delayedAcks(Network.OWN)).as("on plain sockets").isPositive();
        assertThat(delayedAcks(Network.QUICK_ACK)).as("with quickack 1").isZero();
    }

    private static long delayedAcks(Network network) throws Exception {
        try (WorkDirectory directory = WorkDirectory.create();
                ProgramSession session = new ProgramContender("acks", RealProgram.FTP, false, false, network)
                        .open(new BenchEnvironment(directory, List.of()), "test")) {
            long before = session.counters().delayedAcks();
            session.times(FTP, 5);
            return session.counters().delayedAcks() - before;
        }
    }
}
