package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Task;
import org.xenvmc.migration.json.JsonObject;

/** {@code kill -9} of one end of a real program, noticed by the other as with TCP. */
@Tag("packed")
@Tag("once")
@EnabledOnOs(OS.LINUX)
class PeerDeathTest extends ProgramScene {
    private static final Logger LOG = System.getLogger(PeerDeathTest.class.getName());
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration AT_WORK = Duration.ofMillis(300);

    private ProgramSession open(RealProgram program, boolean agent) throws Exception {
        return open(program, agent, agent);
    }

    private static void assertOnSharedMemory(ProgramSession session) throws Exception {
        List<JsonObject> vms = HostView.vms(RealProgram.agent(RealProgram.home()), session.host());
        assertThat(vms).hasSize(2);
        for (JsonObject vm : vms) {
            assertThat(vm.objects("connections")).isNotEmpty();
            for (JsonObject c : vm.objects("connections")) {
                assertThat(c.object("sending").text("path")).isEqualTo("SHARED_MEMORY");
                assertThat(c.object("receiving").text("path")).isEqualTo("SHARED_MEMORY");
            }
        }
    }

    private static CompletableFuture<Void> byClientAlone(ProgramSession session, String kind) {
        return CompletableFuture.runAsync(() -> {
            try {
                session.byClientAlone(Task.ofProgram(kind, 0), LIMIT.multipliedBy(2));
            } catch (MeasurementException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** kill -9. */
    private static long kill(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        long atNs = System.nanoTime();
        assertThat(process.destroyForcibly()).isTrue();
        return atNs;
    }

    private static void report(String what, boolean agent, long sinceNs) {
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNs);
        LOG.log(Level.INFO, "noticed after {0} ms: {1}, {2}", ms, what, agent ? "with the agent" : "on plain sockets");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndAReadWhenTheServerIsKilled(boolean agent) throws Exception {
        try (ProgramSession session = open(RealProgram.H2, agent)) {
            session.times(Task.ofProgram("row", 100), 100);
            if (agent) {
                assertOnSharedMemory(session);
            }
            Duration before = processorTime(session.serverPid());
            CompletableFuture<Void> question = byClientAlone(session, "for-ever");
            Awaitility.await("the server thinks, the client reads")
                    .atMost(LIMIT)
                    .until(() ->
                            processorTime(session.serverPid()).minus(before).compareTo(AT_WORK) > 0);
            assertThat(question).isNotDone();

            long killedNs = kill(session.serverPid());

            assertThatThrownBy(() -> question.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isNotInstanceOf(TimeoutException.class)
                    .hasMessageContaining("SQLException");
            report("blocked in a read", agent, killedNs);
        }
    }

    private static Duration processorTime(long pid) {
        return ProcessHandle.of(pid).orElseThrow().info().totalCpuDuration().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDropAnIdleConnectionWhenTheServerIsKilled(boolean agent) throws Exception {
        try (ProgramSession session = open(RealProgram.GRPC, agent)) {
            session.times(Task.ofProgram("echo", 1_000), 50);
            if (agent) {
                assertOnSharedMemory(session);
            }
            CompletableFuture<Void> lost = byClientAlone(session, "until-lost");
            long killedNs = kill(session.serverPid());

            lost.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            report("idle in a pool", agent, killedNs);
        }
    }

    @Test
    void shouldDropWhatADeadClientHadAndServeTheNext() throws Exception {
        try (ProgramSession session = open(RealProgram.FTP, true)) {
            Task task = Task.ofProgram("passive", 1_000_000);
            session.times(task, 3);
            Path agent = RealProgram.agent(RealProgram.home());
            long client = vmOf(session.clientPid(), agent, session.host());
            assertThat(HostView.filesOf(session.host(), client)).isNotEmpty();

            long killedNs = kill(session.clientPid());

            Awaitility.await("nothing of the client is left")
                    .atMost(LIMIT)
                    .until(() -> HostView.filesOf(session.host(), client).isEmpty());
            report("files of a dead client gone", true, killedNs);
            Awaitility.await("the server has no connection").atMost(LIMIT).until(() -> {
                List<JsonObject> vms = HostView.vms(agent, session.host());
                return vms.size() == 1 && vms.get(0).objects("connections").isEmpty();
            });
            session.byAnotherClient(task, 3);
        }
    }

    private static long vmOf(long pid, Path agent, Path host) throws Exception {
        for (JsonObject vm : HostView.vms(agent, host)) {
            if (vm.number("pid") == pid) {
                return vm.number("domId");
            }
        }
        throw new AssertionError("no VM with process " + pid);
    }
}
