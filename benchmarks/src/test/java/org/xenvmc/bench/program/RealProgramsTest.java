package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Network;
import org.xenvmc.bench.session.ProgramContender;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.session.WorkDirectory;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.migration.json.JsonObject;

/**
 * Real programs that nobody changed, with the agent at both ends or at one. Every byte is compared where it arrives. The short
 * form; with {@code -Dxenvmc.programs.long=true} all sizes and counts.
 */
@Tag("packed")
@EnabledOnOs(OS.LINUX)
class RealProgramsTest {
    private static final boolean LONG = Boolean.getBoolean("xenvmc.programs.long");

    private WorkDirectory directory;

    @BeforeEach
    void makeDirectory() throws Exception {
        directory = WorkDirectory.create();
    }

    @AfterEach
    void removeDirectory() {
        directory.close();
    }

    private record Step(String kind, int sizeBytes, int times) {
        Task task() {
            return Task.ofProgram(kind, sizeBytes);
        }
    }

    /** Which part of the bytes has to go through shared memory: less where every transfer has a connection of its own. */
    private static double leastShare(RealProgram program) {
        return switch (program) {
            case FTP -> 0.25;
            case SMTP -> 0.7;
            case TOMCAT, RMI -> 0.75;
            default -> 0.85;
        };
    }

    private static List<Step> steps(RealProgram program) {
        List<Step> steps = new ArrayList<>();
        switch (program) {
            case FTP -> {
                for (String mode : List.of("passive", "active")) {
                    steps.add(new Step(mode, 100_000, 3));
                    steps.add(new Step(mode, 10_000_000, LONG ? 10 : 2));
                    steps.addAll(LONG ? List.of(new Step(mode, 100_000_000, 3)) : List.of());
                }
            }
            case JETTY, TOMCAT -> {
                steps.add(new Step("get", 1_000, LONG ? 10_000 : 100));
                steps.add(new Step("get", 10_000_000, LONG ? 50 : 3));
                steps.add(new Step("post", 10_000_000, LONG ? 50 : 3));
            }
            case H2 -> {
                steps.add(new Step("row", 100, LONG ? 20_000 : 200));
                steps.add(new Step("blob", 1_000_000, LONG ? 100 : 8));
            }
            case SMTP -> {
                for (int n = 1; n <= (LONG ? 10 : 2); n++) {
                    steps.add(new Step(Integer.toString(n), 1_000_000, 1));
                    steps.add(new Step(Integer.toString(n), 3_000_000, 1));
                }
            }
            case GRPC -> {
                steps.add(new Step("echo", 100, LONG ? 20_000 : 100));
                steps.add(new Step("echo", 1_000_000, LONG ? 100 : 5));
                steps.add(new Step("stream", 10_000_000, LONG ? 20 : 2));
            }
            case RMI -> {
                for (String kind : List.of("call", "back")) {
                    steps.add(new Step(kind, 100, LONG ? 20_000 : 100));
                    steps.add(new Step(kind, 1_000_000, LONG ? 100 : 5));
                }
            }
        }
        return steps;
    }

    private ProgramSession open(RealProgram program, boolean agentAtServer, boolean agentAtClient) throws Exception {
        String name = (agentAtServer ? "agent" : "plain") + "-" + (agentAtClient ? "agent" : "plain");
        return new ProgramContender(name, program, agentAtServer, agentAtClient, Network.HOST)
                .open(new BenchEnvironment(directory, List.of()), "test");
    }

    /** Bytes that were moved. */
    private static long run(ProgramSession session, RealProgram program) throws Exception {
        long bytes = 0;
        for (Step step : steps(program)) {
            Message done = session.times(step.task(), step.times()).client();
            assertThat(done.number(Sample.OPERATIONS)).as("%s", step).isEqualTo(step.times());
            bytes += done.number(Sample.BYTES);
        }
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldGoThroughSharedMemoryWhenBothEndsHaveTheAgent(RealProgram program) throws Exception {
        try (ProgramSession session = open(program, true, true)) {
            long bytes = run(session, program);

            List<JsonObject> vms = HostView.vms(RealProgram.agent(RealProgram.home()), session.host());
            assertThat(vms).hasSize(2);
            assertThat(HostView.sentByMemory(vms)).isGreaterThan((long) (leastShare(program) * bytes));
        }
    }

    static Stream<RealProgram> programs() {
        return Stream.of(RealProgram.values());
    }

    @ParameterizedTest
    @MethodSource("programsWithTheAgentAtOneEnd")
    void shouldWorkOverTcpWhenOneEndHasTheAgent(RealProgram program, boolean agentAtServer) throws Exception {
        try (ProgramSession session = open(program, agentAtServer, !agentAtServer)) {
            long bytes = run(session, program);

            List<JsonObject> vms = HostView.vms(RealProgram.agent(RealProgram.home()), session.host());
            assertThat(vms).hasSize(1);
            JsonObject totals = vms.get(0).object("totals");
            assertThat(HostView.sentByMemory(vms)).isZero();
            assertThat(totals.number("receivedByMemoryBytes")).isZero();
            assertThat(totals.number("sentBytes") + totals.number("receivedBytes"))
                    .as("bytes of connections that the library has seen")
                    .isGreaterThan(bytes);
        }
    }

    static Stream<Arguments> programsWithTheAgentAtOneEnd() {
        return programs().flatMap(p -> Stream.of(Arguments.of(p, true), Arguments.of(p, false)));
    }
}
