package org.xenvmc.bench.session;

import java.time.Duration;
import java.util.List;
import org.xenvmc.bench.protocol.Message;

/**
 * Two worker processes, ready for rounds. Between rounds both wait for a command and use no processor, so that sessions
 * of several contenders can stand side by side and take turns.
 */
public abstract class Session implements AutoCloseable {
    /** Longest time for a step that is not a round, and for what a round takes beyond its duration. */
    static final Duration LIMIT = Duration.ofSeconds(40);

    private final WorkerProcess server;
    private final WorkerProcess client;
    private final String contender;

    Session(BenchEnvironment environment, String figure, String contender, List<String> jvmArguments)
            throws MeasurementException {
        this.contender = contender;
        this.server = environment.start(figure, contender, "server", jvmArguments);
        try {
            this.client = environment.start(figure, contender, "client", jvmArguments);
        } catch (MeasurementException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    Session(String contender, WorkerProcess server, WorkerProcess client) {
        this.contender = contender;
        this.server = server;
        this.client = client;
    }

    /** Runs one round. */
    public abstract Round round(Task task, Duration duration) throws MeasurementException;

    final WorkerProcess server() {
        return server;
    }

    final WorkerProcess client() {
        return client;
    }

    /** Gives each side its command and waits for both answers. */
    final Round both(Message toServer, Message toClient, Duration limit) throws MeasurementException {
        server.send(toServer);
        client.send(toClient);
        Message fromClient;
        try {
            fromClient = client.await(limit);
        } catch (MeasurementException e) {
            throw failure(e.getMessage() + serverTrouble(), e);
        }
        try {
            return new Round(fromClient, server.await(limit)).checked();
        } catch (MeasurementException e) {
            throw failure(e.getMessage(), e);
        }
    }

    private MeasurementException failure(String what, MeasurementException cause) {
        return new MeasurementException(contender + ": " + what, cause);
    }

    /** When the client fails, the cause is often found at the server. */
    private String serverTrouble() {
        try {
            server.await(Duration.ofSeconds(1));
            return "";
        } catch (MeasurementException e) {
            return "\n  and " + e.getMessage();
        }
    }

    /** Tells both processes to end, without waiting for them. */
    public final void dismiss() {
        client.dismiss();
        server.dismiss();
    }

    @Override
    public void close() {
        try (server) {
            dismiss();
            client.close();
        }
    }
}
