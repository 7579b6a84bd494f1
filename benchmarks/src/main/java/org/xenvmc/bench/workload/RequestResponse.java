package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.xenvmc.bench.transport.Endpoint;

/**
 * Ping-pong over one connection with blocking channels (netperf's TCP_RR): a request of N bytes, a reply of N bytes. One
 * operation is one round trip.
 */
public final class RequestResponse implements Workload {
    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        ByteBuffer request = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer reply = ByteBuffer.allocateDirect(arguments.sizeBytes());
        // not counted: the server may not have begun yet
        Transfer.exchange(channel, request.put(0, Transfer.GO), reply);
        Sample sample = ClosedLoop.run(arguments.durationNs(), () -> Transfer.exchange(channel, request, reply));
        Transfer.exchange(channel, request.put(0, Transfer.STOP), reply);
        return sample;
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        ByteBuffer buffer = ByteBuffer.allocateDirect(arguments.sizeBytes());
        long operations = 0;
        byte mark;
        do {
            Transfer.readAll(channel, buffer);
            mark = buffer.get(0);
            Transfer.writeAll(channel, buffer);
            operations++;
        } while (mark != Transfer.STOP);
        return new Sample().with(Sample.OPERATIONS, operations - Transfer.UNCOUNTED);
    }
}
