package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.TransportPages.Moment;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.TransportStatistics.Totals;

class TransportPagesTest {
    private static final int CAPACITY = 16 * 1024;

    private static ConnectionInfo connection(long id, Direction sending, Direction receiving) {
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1000 + (int) id);
        InetSocketAddress remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
        return new ConnectionInfo(id, local, remote, true, null, sending, receiving);
    }

    private static Direction ring(long switches, long position) {
        return new Direction(Path.SHARED_MEMORY, ReasonCode.NONE, 0, 0, switches, CAPACITY, 0, 0, 0, position);
    }

    private static Direction tcp() {
        return new Direction(Path.TCP, ReasonCode.WARMING_UP, 0, 0, 0, 0, 0, 0, 0);
    }

    private static Moment moment(long closed, Totals sent, Totals received, ConnectionInfo... open) {
        return Moment.of(List.of(open), new TransportStatistics(0, closed, 0, sent, received, Map.of()));
    }

    private static Totals totals(long bytes, long ringBytes) {
        return new Totals(bytes, ringBytes, 0, 0, 0, 0);
    }

    /** Sender from 0 to 128: 2 pages (see RingPagesTest). Receiver: 1. */
    @Test
    void shouldAddUpTheConnections() {
        TransportPages pages = TransportPages.between(
                moment(
                        3,
                        totals(100, 50),
                        totals(0, 0),
                        connection(1, ring(1, 0), ring(1, 64)),
                        connection(2, tcp(), tcp())),
                moment(
                        4,
                        totals(20_100, 10_050),
                        totals(8_193, 8_193),
                        connection(1, ring(1, 128), ring(1, 640)),
                        connection(2, tcp(), tcp())));

        assertThat(pages).isEqualTo(new TransportPages(3, 20_000, 10_000, 8_193, 8_193, 1));
        assertThat(pages.copiedPages()).isEqualTo(3); // 8,193 bytes
        assertThat(pages.socketPages()).isEqualTo(3); // 10,000 bytes on TCP
    }

    /** Position 128 before, 128 now, but in another ring: 0 to 128. */
    @Test
    void shouldBeginAnewWithAnotherRing() {
        TransportPages pages = TransportPages.between(
                moment(0, Totals.NOTHING, Totals.NOTHING, connection(1, ring(1, 128), tcp())),
                moment(0, Totals.NOTHING, Totals.NOTHING, connection(1, ring(3, 128), tcp())));

        assertThat(pages.ringPages()).isEqualTo(2);
    }

    @Test
    void shouldCountConnectionsThatAreNew() {
        TransportPages pages = TransportPages.between(
                moment(0, Totals.NOTHING, Totals.NOTHING),
                moment(0, Totals.NOTHING, Totals.NOTHING, connection(1, ring(1, 1_000_000), tcp())));

        assertThat(pages.ringPages()).isEqualTo(5);
    }
}
