package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.bench.transport.Endpoint;

/**
 * Requests at a fixed rate, open loop: request i is due at {@code start + i * interval} whether or not the one before was
 * late, and its latency counts from the time at which it was due, not from the time at which it was sent. In between
 * both sides sleep. The server is that of {@link RequestResponse}.
 */
public final class SparseRequestResponse implements Workload {
    /** Setting: time between two requests, in nanoseconds. */
    public static final String INTERVAL_NS = "intervalNs";

    private static final long INTERVAL_DEFAULT_NS = 10_000_000;
    /** The last stretch before a request is due is spent spinning: sleeping is not exact, and would hide the transport. */
    private static final long SPIN_NS = 150_000;

    private final RequestResponse server = new RequestResponse();

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        ByteBuffer request = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer reply = ByteBuffer.allocateDirect(arguments.sizeBytes());
        Latencies latencies = new Latencies();
        long intervalNs = arguments.setting(INTERVAL_NS, INTERVAL_DEFAULT_NS);
        long requests = Math.max(1, arguments.durationNs() / intervalNs);
        Transfer.exchange(channel, request.put(0, Transfer.GO), reply);
        long start = System.nanoTime();
        for (long i = 1; i <= requests; i++) {
            long dueNs = start + i * intervalNs;
            awaitTime(dueNs);
            Transfer.exchange(channel, request, reply);
            latencies.record(System.nanoTime() - dueNs);
        }
        long elapsedNs = System.nanoTime() - start;
        Transfer.exchange(channel, request.put(0, Transfer.STOP), reply);
        return latencies.addTo(new Sample().with(Sample.OPERATIONS, requests).with(Sample.ELAPSED_NS, elapsedNs));
    }

    private static void awaitTime(long dueNs) {
        long leftNs = dueNs - System.nanoTime();
        while (leftNs > 0) {
            if (leftNs > SPIN_NS) {
                LockSupport.parkNanos(leftNs - SPIN_NS);
            } else {
                Thread.onSpinWait();
            }
            leftNs = dueNs - System.nanoTime();
        }
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        return server.serve(endpoint, arguments);
    }
}
