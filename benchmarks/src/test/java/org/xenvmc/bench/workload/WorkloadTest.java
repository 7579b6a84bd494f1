package org.xenvmc.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.bench.transport.Endpoint;
import org.xenvmc.bench.transport.TransportKind;
import org.xenvmc.bench.transport.Transports;

class WorkloadTest {
    private Endpoint server;
    private Endpoint client;

    @BeforeEach
    void connect() throws Exception {
        server = Endpoint.server(Transports.create(TransportKind.JDK, Map.of()));
        client = Endpoint.client(Transports.create(TransportKind.JDK, Map.of()), server.address());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private static WorkloadArguments arguments(WorkloadKind kind, int sizeBytes) {
        Map<String, String> settings = Map.of(SparseRequestResponse.INTERVAL_NS, "1000000", SwitchPauses.SWITCHES, "2");
        return new WorkloadArguments(5_000_000, sizeBytes, settings);
    }

    private void open() throws Exception {
        FutureTask<Void> accepted = inBackground(() -> {
            server.open();
            return null;
        });
        client.open();
        accepted.get();
    }

    private static <T> FutureTask<T> inBackground(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task, "other-side").start();
        return task;
    }

    @ParameterizedTest
    @EnumSource(WorkloadKind.class)
    void shouldAgreeWithTheOtherSideRoundAfterRound(WorkloadKind kind) throws Exception {
        int sizeBytes = kind == WorkloadKind.STREAM_SEND ? 100_000 : 16;
        WorkloadArguments arguments = arguments(kind, sizeBytes);
        if (kind != WorkloadKind.CONNECT_REQUEST_RESPONSE) {
            open();
        }
        for (int round = 0; round < 2; round++) {
            FutureTask<Sample> served = inBackground(() -> kind.create().serve(server, arguments));
            Map<String, String> sent = kind.create().drive(client, arguments).fields();
            Map<String, String> received = served.get().fields();
            for (String counted : new String[] {Sample.OPERATIONS, Sample.BYTES}) {
                if (sent.containsKey(counted) && received.containsKey(counted)) {
                    assertThat(received.get(counted)).as(counted).isEqualTo(sent.get(counted));
                }
            }
            if (kind != WorkloadKind.IDLE_CONNECTION) {
                assertThat(Long.parseLong(sent.get(Sample.OPERATIONS))).isPositive();
            }
        }
    }

    @Test
    void shouldReportAsManyPausesAsThereWereSwitches() throws Exception {
        open();
        WorkloadArguments arguments = arguments(WorkloadKind.SWITCH_PAUSES, 4096);
        FutureTask<Sample> served = inBackground(() -> new SwitchPauses().serve(server, arguments));
        new SwitchPauses().drive(client, arguments);
        Map<String, String> received = served.get().fields();
        assertThat(received.get(SwitchPauses.LEAVE_GAPS_NS).split(",")).hasSize(1);
        assertThat(Long.parseLong(received.get(SwitchPauses.JOIN_GAPS_NS))).isPositive();
    }

    @Test
    void shouldSayThatTheStreamEndedInTheMiddleOfARound() throws Exception {
        open();
        WorkloadArguments arguments = arguments(WorkloadKind.REQUEST_RESPONSE, 16);
        FutureTask<Sample> served = inBackground(() -> new RequestResponse().serve(server, arguments));
        client.close();
        assertThatThrownBy(served::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(EOFException.class)
                .hasMessageContaining("in the middle of a round");
    }
}
