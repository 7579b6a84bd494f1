package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Network;
import org.xenvmc.bench.session.ProgramContender;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.session.WorkDirectory;
import org.xenvmc.bench.workload.Sample;

/**
 * Where the bytes of a real program went by the kernel's count, not by ours: what the loopback device of a network namespace, in
 * which nothing else is, has carried.
 */
@Tag("packed")
@EnabledOnOs(OS.LINUX)
class LoopbackTrafficTest {
    private static final int PAYLOAD_BYTES = 10_000_000;
    /** What keeping a connection alive and telling of itself may take. */
    private static final double SMALL_SHARE = 0.05;

    private static final int SMALL_BYTES = 1_000;
    private static final int SMALL_ONES = 100;
    /** A JVM's first connection gets its ring when everything that this takes has been loaded. */
    private static final int MOST_WARM_UPS = 20;

    private WorkDirectory directory;

    @BeforeEach
    void makeDirectory() throws Exception {
        Optional<String> obstacle = Network.OWN.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        directory = WorkDirectory.create();
    }

    @AfterEach
    void removeDirectory() {
        if (directory != null) {
            directory.close();
        }
    }

    private record Moved(long payloadBytes, long loopbackBytes) {}

    /** Small requests, so many times at most, until they do not go over the loopback device any more. */
    private static void warmUp(ProgramSession session, int most) throws Exception {
        long moved = Long.MAX_VALUE;
        for (int i = 0; i < most && moved > SMALL_BYTES * SMALL_ONES; i++) {
            long before = session.counters().loopbackBytes();
            session.times(Task.ofProgram("get", SMALL_BYTES), SMALL_ONES);
            moved = session.counters().loopbackBytes() - before;
        }
    }

    /** Of a connection that is in use already; each way once. */
    private Moved transfer(boolean agent) throws Exception {
        try (ProgramSession session = new ProgramContender("lo", RealProgram.JETTY, agent, agent, Network.OWN)
                .open(new BenchEnvironment(directory, List.of()), "test")) {
            warmUp(session, agent ? MOST_WARM_UPS : 1);
            long before = session.counters().loopbackBytes();
            long payload = 0;
            for (String kind : List.of("get", "post")) {
                payload += session.times(Task.ofProgram(kind, PAYLOAD_BYTES), 1)
                        .client()
                        .number(Sample.BYTES);
            }
            return new Moved(payload, session.counters().loopbackBytes() - before);
        }
    }

    @Test
    void shouldLeaveTheLoopbackDeviceAloneWhenBothEndsHaveTheAgent() throws Exception {
        Moved plain = transfer(false);
        assertThat(plain.payloadBytes()).isEqualTo(2L * PAYLOAD_BYTES);
        assertThat(plain.loopbackBytes()).as("on plain sockets").isGreaterThanOrEqualTo(plain.payloadBytes());

        Moved ours = transfer(true);
        assertThat(ours.payloadBytes()).isEqualTo(plain.payloadBytes());
        assertThat(ours.loopbackBytes()).as("with the agent").isLessThan((long) (SMALL_SHARE * ours.payloadBytes()));
    }
}
