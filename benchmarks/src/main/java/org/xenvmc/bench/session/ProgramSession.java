package org.xenvmc.bench.session;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.Sample;

/** Server and client of a real program. The client checks every byte that it gets back, or the server does. */
public final class ProgramSession extends Session {
    /** Field of a command: which of the things that the program's client knows. */
    static final String KIND = "kind";
    /** Field of a round: processor time of both processes, in nanoseconds. */
    public static final String CPU_NS = "cpuNs";

    /** The first packets of a connection may still be acknowledged late. */
    private static final int FEW_DELAYED_ACKS = 5;

    private final Path host;
    private final Network network;
    private final ClientStarter clients;

    /** Starts a client of the server. */
    @FunctionalInterface
    interface ClientStarter {
        /** Starts one more. */
        WorkerProcess start() throws MeasurementException;
    }

    ProgramSession(String contender, WorkerProcess server, ClientStarter clients, Path host, Network network)
            throws MeasurementException {
        super(contender, server, clients.start());
        this.host = host;
        this.network = network;
        this.clients = clients;
    }

    /** The port of a server, once it listens. */
    static String address(WorkerProcess server) throws MeasurementException {
        return server.call(Message.of("where"), LIMIT).text("address");
    }

    /** The host directory of the ends that have the agent. */
    public Path host() {
        return host;
    }

    /** Process id of the server. */
    public long serverPid() {
        return server().pid();
    }

    /** Process id of the client. */
    public long clientPid() {
        return client().pid();
    }

    /** What the kernel has counted where the server is. */
    public NetworkCounters counters() throws MeasurementException {
        try {
            return NetworkCounters.of(serverPid());
        } catch (IOException e) {
            throw new MeasurementException("cannot read the kernel's counters: " + e, e);
        }
    }

    /** Does it {@code times} times. */
    public Round times(Task task, int times) throws MeasurementException {
        return drive(command(task, times), LIMIT);
    }

    /** Does it once and asks the server for nothing, which need not live. */
    public void byClientAlone(Task task, Duration limit) throws MeasurementException {
        client().call(command(task, 1), limit);
    }

    /** Has one more client of the same server do it {@code times} times. */
    public void byAnotherClient(Task task, int times) throws MeasurementException {
        try (WorkerProcess another = clients.start()) {
            another.call(command(task, times), LIMIT);
        }
    }

    private static Message command(Task task, int times) {
        return task.command("drive", Duration.ZERO).with("times", times);
    }

    @Override
    public Round round(Task task, Duration duration) throws MeasurementException {
        return drive(task.command("drive", duration), duration.plus(LIMIT));
    }

    private Round drive(Message command, Duration limit) throws MeasurementException {
        long delayed = network == Network.QUICK_ACK ? counters().delayedAcks() : 0;
        Round round = measured(command, limit);
        if (network == Network.QUICK_ACK && counters().delayedAcks() > delayed + FEW_DELAYED_ACKS) {
            throw new MeasurementException((counters().delayedAcks() - delayed)
                    + " acknowledgements were delayed in a round that is about none");
        }
        return round;
    }

    private Round measured(Message command, Duration limit) throws MeasurementException {
        long before = serverCpuNs();
        Message done = client().call(command, limit);
        long cpuNs = serverCpuNs() - before + done.number(CPU_NS);
        return new Round(
                Message.ok()
                        .with(Sample.OPERATIONS, done.text(Sample.OPERATIONS))
                        .with(Sample.BYTES, done.text(Sample.BYTES))
                        .with(Sample.ELAPSED_NS, done.text(Sample.ELAPSED_NS))
                        .with(CPU_NS, cpuNs),
                Message.ok());
    }

    private long serverCpuNs() throws MeasurementException {
        return server().call(Message.of("cpu"), LIMIT).number(CPU_NS);
    }
}
