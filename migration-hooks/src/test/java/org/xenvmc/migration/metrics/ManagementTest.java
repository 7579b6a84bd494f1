package org.xenvmc.migration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.metrics.TransportManagement;

class ManagementTest extends Metered {
    private final MBeanServer mbeans = ManagementFactory.getPlatformMBeanServer();

    @Test
    void shouldShowAVmUntilItIsClosed() throws Exception {
        ObjectName name = TransportManagement.register(client.engine()).name();

        assertThat(name).hasToString(TransportManagement.NAME);
        assertThat(mbeans.getAttribute(name, "Host")).isEqualTo(host.name());
        assertThat(mbeans.getAttribute(name, "Joined")).isEqualTo(true);
        assertThat(mbeans.getAttribute(name, "Reason")).isEqualTo("NONE");
        assertThat((String[]) mbeans.getAttribute(name, "Vms")).hasSize(2);
        assertThat(mbeans.getAttribute(name, "ConnectionCount")).isEqualTo(1);
        assertThat((long) mbeans.getAttribute(name, "SentByMemoryBytesTotal")).isPositive();
        CompositeData row = ((CompositeData[]) mbeans.getAttribute(name, "Connections"))[0];
        assertThat(row.get("sendingPath")).isEqualTo("SHARED_MEMORY");
        assertThat(row.get("remote").toString())
                .contains(listener.getLocalAddress().toString());

        client.close();

        assertThat(mbeans.isRegistered(name)).isFalse();
    }

    @Test
    void shouldBeAKillSwitch() throws Exception {
        try (TransportManagement bean = TransportManagement.register(client.engine())) {
            mbeans.invoke(bean.name(), "switchOff", null, null);
            awaitPath(Path.FRAMED_TCP);
            assertThat(mbeans.getAttribute(bean.name(), "Reason")).isEqualTo("SWITCHED_OFF");
            assertThat(mbeans.getAttribute(bean.name(), "DowngradesTotal")).isEqualTo(2L);
            mbeans.invoke(bean.name(), "switchOn", null, null);
            awaitPath(Path.SHARED_MEMORY);
        }
        assertThat(mbeans.isRegistered(new ObjectName(TransportManagement.NAME)))
                .isFalse();
    }

    @Test
    void shouldRegisterByItselfOnlyWhenThePropertySaysSo() throws Exception {
        assertThat(mbeans.queryNames(new ObjectName("org.xenvmc:*"), null)).isEmpty();
        try (Vm first = Vm.on(host, c -> c.jmx(true));
                Vm second = Vm.on(host, c -> c.jmx(true))) {
            assertThat(first.engine()).isNotNull();
            assertThat(second.engine()).isNotNull();
            assertThat(mbeans.queryNames(new ObjectName("org.xenvmc:*"), null))
                    .extracting(ObjectName::toString)
                    .containsExactlyInAnyOrder(TransportManagement.NAME, TransportManagement.NAME + ",id=2");
        }
        assertThat(mbeans.queryNames(new ObjectName("org.xenvmc:*"), null)).isEmpty();
    }
}
