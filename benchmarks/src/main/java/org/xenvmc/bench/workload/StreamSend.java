package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.xenvmc.bench.transport.Endpoint;

/**
 * A stream in one direction (netperf's TCP_STREAM): blocking writes of N bytes, and a reader with a buffer of 64 KiB. One
 * operation is one write. The time ends when the reader has acknowledged the last byte, so what is counted was
 * delivered. All bytes are 0 except the very last, so that the reader finds the end by looking at one byte per read.
 */
public final class StreamSend implements Workload {
    /** The reader's buffer, in bytes. */
    public static final int READ_BUFFER_BYTES = 64 * 1024;

    private static final int WRITES_PER_LOOK_AT_CLOCK = 128;

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        ByteBuffer block = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer acknowledgement = ByteBuffer.allocateDirect(1);
        // the reader says first that it is there
        Transfer.readAll(channel, acknowledgement);
        long writes = 0;
        long start = System.nanoTime();
        do {
            for (int i = 0; i < WRITES_PER_LOOK_AT_CLOCK; i++) {
                Transfer.writeAll(channel, block);
            }
            writes += WRITES_PER_LOOK_AT_CLOCK;
        } while (System.nanoTime() - start < arguments.durationNs());
        Transfer.writeAll(channel, block.put(arguments.sizeBytes() - 1, Transfer.STOP));
        writes++;
        Transfer.readAll(channel, acknowledgement);
        long elapsedNs = System.nanoTime() - start;
        return new Sample()
                .with(Sample.OPERATIONS, writes)
                .with(Sample.BYTES, writes * arguments.sizeBytes())
                .with(Sample.ELAPSED_NS, elapsedNs);
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);
        ByteBuffer acknowledgement = ByteBuffer.allocateDirect(1);
        Transfer.writeAll(channel, acknowledgement);
        long bytes = 0;
        int read;
        do {
            buffer.clear();
            read = channel.read(buffer);
            if (read < 0) {
                throw Transfer.endOfStream(channel, buffer);
            }
            bytes += read;
        } while (read == 0 || buffer.get(read - 1) != Transfer.STOP);
        Transfer.writeAll(channel, acknowledgement);
        return new Sample().with(Sample.BYTES, bytes);
    }
}
