package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.migration.json.JsonObject;

/** Real programs that nobody changed, with the agent at one end only. Every byte is compared where it arrives. */
@Tag("packed")
@Tag("once")
@EnabledOnOs(OS.LINUX)
class OneEndedProgramsTest extends ProgramScene {
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
        return Stream.of(RealProgram.values()).flatMap(p -> Stream.of(Arguments.of(p, true), Arguments.of(p, false)));
    }
}
