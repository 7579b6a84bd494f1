package org.xenvmc.migration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.TransportStatistics;

class StatisticsTest extends Metered {
    @Test
    void shouldKeepWhatClosedConnectionsHaveDone() throws Exception {
        exchange(1000);
        ConnectionInfo info = client.info(near);
        TransportStatistics open = client.engine().statistics();
        assertThat(open.opened()).isEqualTo(1);
        assertThat(open.closed()).isZero();
        assertThat(open.sending().bytes()).isEqualTo(info.sending().bytes()).isGreaterThan(1000);
        assertThat(open.sending().ringBytes()).isEqualTo(info.sending().ringBytes());
        assertThat(open.receiving().upgrades()).isEqualTo(1);

        near.close();
        far.close();
        client.awaitNoConnections();

        TransportStatistics closed = client.engine().statistics();
        assertThat(closed.closed()).isEqualTo(1);
        assertThat(closed.sending().bytes()).isEqualTo(open.sending().bytes());
        assertThat(closed.receiving().bytes()).isEqualTo(open.receiving().bytes());
        open();
        exchange(10);
        assertThat(client.engine().statistics().sending().bytes())
                .isEqualTo(open.sending().bytes() + 10);
        assertThat(client.engine().statistics().opened()).isEqualTo(2);
    }

    @Test
    void shouldCountChangesOfPathAndRefusals() throws Exception {
        assertThat(client.engine().statistics().refusals()).doesNotContainKey(ReasonCode.SWITCHED_OFF);

        client.engine().setEnabled(false);
        awaitPath(Path.FRAMED_TCP);

        TransportStatistics off = client.engine().statistics();
        assertThat(off.sending().downgrades()).isEqualTo(1);
        assertThat(off.refusals()).containsKey(ReasonCode.SWITCHED_OFF);

        client.engine().setEnabled(true);
        awaitPath(Path.SHARED_MEMORY);

        TransportStatistics on = client.engine().statistics();
        assertThat(on.sending().upgrades()).isEqualTo(2);
        assertThat(on.sending().downgrades()).isEqualTo(1);
        assertThat(on.lost()).isZero();
        Map<ReasonCode, Long> refusals = on.refusals();
        assertThat(refusals.get(ReasonCode.SWITCHED_OFF))
                .isEqualTo(off.refusals().get(ReasonCode.SWITCHED_OFF));
    }
}
