package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.migration.json.JsonObject;

/** Real programs that nobody changed, with the agent at both ends. Every byte is compared where it arrives. */
@Tag("packed")
@EnabledOnOs(OS.LINUX)
class RealProgramsTest extends ProgramScene {
    /** A JVM's first connection gets its ring when everything that this takes has been loaded; a program may be done before. */
    private static final int MOST_RUNS = 5;

    /** Which part of the bytes has to go through shared memory: less where every transfer has a connection of its own. */
    private static double leastShare(RealProgram program) {
        return switch (program) {
            case FTP -> 0.25;
            case SMTP -> 0.7;
            case TOMCAT, RMI -> 0.75;
            default -> 0.85;
        };
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoThroughSharedMemoryWhenBothEndsHaveTheAgent(RealProgram program) throws Exception {
        try (ProgramSession session = open(program, true, true)) {
            List<Double> shares = new ArrayList<>();
            double least = leastShare(program);
            long before = 0;
            double share;
            do {
                long bytes = run(session, program);
                long sent = sentByMemory(session);
                share = (double) (sent - before) / bytes;
                shares.add(share);
                before = sent;
            } while (share < least && shares.size() < MOST_RUNS);
            assertThat(share).as("shares of all runs: %s", shares).isGreaterThan(least);
        }
    }

    private static long sentByMemory(ProgramSession session) throws Exception {
        List<JsonObject> vms = HostView.vms(RealProgram.agent(RealProgram.home()), session.host());
        assertThat(vms).hasSize(2);
        return HostView.sentByMemory(vms);
    }
}
