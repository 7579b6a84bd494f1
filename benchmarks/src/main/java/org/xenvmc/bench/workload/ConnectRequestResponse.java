package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.xenvmc.bench.transport.Endpoint;

/**
 * Short connections (netperf's TCP_CRR): connect, one request, one reply, close by the client. One operation is one
 * connection. A round makes at most {@value #MOST_CONNECTIONS} of them, because each leaves a port behind in TIME_WAIT.
 */
public final class ConnectRequestResponse implements Workload {
    /** Most connections of one round. */
    public static final int MOST_CONNECTIONS = 4000;

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        ByteBuffer request = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer reply = ByteBuffer.allocateDirect(arguments.sizeBytes());
        Latencies latencies = new Latencies();
        transaction(endpoint, request.put(0, Transfer.GO), reply);
        int connections = 0;
        long start = System.nanoTime();
        long before;
        long now = start;
        do {
            before = now;
            transaction(endpoint, request, reply);
            now = System.nanoTime();
            latencies.record(now - before);
            connections++;
        } while (now - start < arguments.durationNs() && connections < MOST_CONNECTIONS);
        transaction(endpoint, request.put(0, Transfer.STOP), reply);
        return latencies.addTo(new Sample().with(Sample.OPERATIONS, connections).with(Sample.ELAPSED_NS, now - start));
    }

    private static void transaction(Endpoint endpoint, ByteBuffer request, ByteBuffer reply) throws IOException {
        try (SocketChannel channel = endpoint.newConnection()) {
            Transfer.writeAll(channel, request);
            Transfer.readAll(channel, reply);
        }
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer rest = ByteBuffer.allocateDirect(1);
        long connections = 0;
        byte mark;
        do {
            try (SocketChannel channel = endpoint.newConnection()) {
                Transfer.readAll(channel, buffer);
                mark = buffer.get(0);
                Transfer.writeAll(channel, buffer);
                // the client closes first, as clients do
                channel.read(rest.clear());
            }
            connections++;
        } while (mark != Transfer.STOP);
        return new Sample().with(Sample.OPERATIONS, connections - Transfer.UNCOUNTED);
    }
}
