package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Network;
import org.xenvmc.bench.session.ProgramContender;
import org.xenvmc.bench.session.ProgramSession;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.bench.session.Task;
import org.xenvmc.bench.session.WorkDirectory;
import org.xenvmc.bench.workload.Sample;

/**
 * What tests of real programs have in common: what the programs do, in a short form, and with {@code -Dxenvmc.programs.long=true} in
 * all sizes and counts.
 */
abstract class ProgramScene {
    private static final boolean LONG = Boolean.getBoolean("xenvmc.programs.long");

    /** In a few seconds the optimising compiler would only be in the way. */
    private static final List<String> JVM_OPTIONS = LONG ? List.of() : List.of("-XX:TieredStopAtLevel=1");

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

    final ProgramSession open(RealProgram program, boolean agentAtServer, boolean agentAtClient) throws Exception {
        String name = (agentAtServer ? "agent" : "plain") + "-" + (agentAtClient ? "agent" : "plain");
        return new ProgramContender(name, program, agentAtServer, agentAtClient, Network.HOST)
                .open(new BenchEnvironment(directory, JVM_OPTIONS), "test");
    }

    /** Bytes that were moved. */
    static long run(ProgramSession session, RealProgram program) throws Exception {
        long bytes = 0;
        for (Step step : steps(program)) {
            Message done = session.times(step.task(), step.times()).client();
            assertThat(done.number(Sample.OPERATIONS)).as("%s", step).isEqualTo(step.times());
            bytes += done.number(Sample.BYTES);
        }
        return bytes;
    }
}
