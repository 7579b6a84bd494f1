package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing happens: nothing runs. */
class IdleTest {
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static long cpuNs() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("xenvmc-"))
                .mapToLong(t -> threads.getThreadCpuTime(t.getId()))
                .sum();
    }

    @Test
    void shouldNeitherWakeNorRunWhenNothingHappens() throws Exception {
        RecordingListener listener = new RecordingListener();
        FileHostMembership a = host.join(listener);
        FileHostMembership b = host.join(new RecordingListener());
        FileHostMembership gone = host.join(new RecordingListener());
        b.member(1).signal(1);
        await().until(() -> listener.signals.equals(List.of(1)) && listener.joined.equals(List.of(2, 3)));
        gone.leave();
        await().until(() -> listener.left.equals(List.of(3)));
        // the retries after the leaving end within a second
        long[] last = new long[1];
        await().during(Duration.ofMillis(700)).until(() -> {
            long before = last[0];
            last[0] = a.activity() + b.activity();
            return before == last[0];
        });
        long cpuNs = cpuNs();
        long activity = a.activity() + b.activity();
        await().during(Duration.ofMillis(1500))
                .atMost(Duration.ofSeconds(3))
                .until(() -> a.activity() + b.activity() == activity);
        assertThat(cpuNs()).isEqualTo(cpuNs);
    }

    @Test
    void shouldAnswerWhetherSpinningPaysWhenConnectionsAreCounted() throws Exception {
        FileHostMembership a = host.join(new RecordingListener());
        assertThat(a.signalPoller().worthSpinning()).isFalse();
        a.ringConnections(2);
        assertThat(a.signalPoller().worthSpinning()).isTrue();
        a.ringConnections(-2);
        assertThat(a.signalPoller().worthSpinning()).isFalse();
    }
}
