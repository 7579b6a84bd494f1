package org.xenvmc.migration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.metrics.VmcMetrics;

class MicrometerTest extends Metered {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private double counter(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @Test
    void shouldShowWhatTheConnectionsDo() throws Exception {
        new VmcMetrics(client.provider()).bindTo(registry);

        assertThat(gauge("xenvmc.joined")).isEqualTo(1);
        assertThat(gauge("xenvmc.host.vms")).isEqualTo(2);
        assertThat(gauge("xenvmc.directions", "direction", "sending", "path", "shared_memory"))
                .isEqualTo(1);
        assertThat(gauge("xenvmc.directions", "direction", "sending", "path", "tcp"))
                .isZero();
        assertThat(gauge("xenvmc.reasons", "direction", "receiving", "reason", "NONE"))
                .isEqualTo(1);
        assertThat(gauge("xenvmc.ring.capacity", "direction", "sending")).isEqualTo(64 * 1024);
        assertThat(counter("xenvmc.connections.opened")).isEqualTo(1);
        assertThat(counter("xenvmc.upgrades", "direction", "receiving")).isEqualTo(1);
        double before = counter("xenvmc.bytes", "direction", "sending", "path", "shared_memory");

        exchange(5000);

        Awaitility.await("a new look")
                .until(() -> counter("xenvmc.bytes", "direction", "sending", "path", "shared_memory") >= before + 5000);
    }

    @Test
    void shouldTellSeveralVmsApart() {
        new VmcMetrics(client.engine(), Tags.of("vm", "client")).bindTo(registry);
        new VmcMetrics(server.engine(), Tags.of("vm", "server")).bindTo(registry);

        assertThat(registry.find("xenvmc.joined").gauges()).hasSize(2);
    }

    @Test
    void shouldHaveTheMetersThatAreDocumented() throws Exception {
        new VmcMetrics(client.provider()).bindTo(registry);
        Set<String> names = new TreeSet<>();
        registry.getMeters().forEach(m -> names.add(m.getId().getName()));
        String page = Files.readString(java.nio.file.Path.of("")
                .toAbsolutePath()
                .resolveSibling("docs")
                .resolve("observability.md"));

        assertThat(names).hasSizeGreaterThan(12).allSatisfy(name -> assertThat(page)
                .contains(name.replaceAll("xenvmc\\.connections\\.(closed|lost)", "\\`.$1\\`")
                        .replace("\\", "")));
    }
}
