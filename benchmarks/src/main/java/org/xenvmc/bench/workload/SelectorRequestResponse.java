package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import org.xenvmc.bench.transport.Endpoint;

/** {@link RequestResponse} with non-blocking channels and a selector loop on both sides. */
public final class SelectorRequestResponse implements Workload {
    /** The body of a round, with the channel registered for reading. */
    @FunctionalInterface
    private interface Round {
        Sample run(SelectorLoop loop) throws IOException;
    }

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        return withSelector(endpoint, loop -> drive(loop, arguments));
    }

    private static Sample drive(SelectorLoop loop, WorkloadArguments arguments) throws IOException {
        ByteBuffer request = ByteBuffer.allocateDirect(arguments.sizeBytes());
        ByteBuffer reply = ByteBuffer.allocateDirect(arguments.sizeBytes());
        exchange(loop, request.put(0, Transfer.GO), reply);
        Sample sample = ClosedLoop.run(arguments.durationNs(), () -> exchange(loop, request, reply));
        exchange(loop, request.put(0, Transfer.STOP), reply);
        return sample;
    }

    private static void exchange(SelectorLoop loop, ByteBuffer request, ByteBuffer reply) throws IOException {
        loop.write(request);
        loop.read(reply);
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        return withSelector(endpoint, loop -> serve(loop, arguments));
    }

    private static Sample serve(SelectorLoop loop, WorkloadArguments arguments) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(arguments.sizeBytes());
        long operations = 0;
        byte mark;
        do {
            loop.read(buffer);
            mark = buffer.get(0);
            loop.write(buffer);
            operations++;
        } while (mark != Transfer.STOP);
        return new Sample().with(Sample.OPERATIONS, operations - Transfer.UNCOUNTED);
    }

    private static Sample withSelector(Endpoint endpoint, Round round) throws IOException {
        SocketChannel channel = endpoint.channel();
        channel.configureBlocking(false);
        try (Selector selector = endpoint.transport().openSelector()) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Sample sample = round.run(new SelectorLoop(selector, key, channel));
            key.cancel();
            selector.selectNow();
            return sample;
        } finally {
            channel.configureBlocking(true);
        }
    }

    /** The selector loop of a program with one connection: readiness first, then the operation. */
    private record SelectorLoop(Selector selector, SelectionKey key, SocketChannel channel) {
        void read(ByteBuffer buffer) throws IOException {
            buffer.clear();
            while (buffer.hasRemaining()) {
                awaitReady();
                if (channel.read(buffer) < 0) {
                    throw Transfer.endOfStream(channel, buffer);
                }
            }
        }

        void write(ByteBuffer buffer) throws IOException {
            buffer.clear();
            channel.write(buffer);
            if (buffer.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
                do {
                    awaitReady();
                    channel.write(buffer);
                } while (buffer.hasRemaining());
                key.interestOps(SelectionKey.OP_READ);
            }
        }

        private void awaitReady() throws IOException {
            boolean ready = false;
            while (!ready) {
                selector.select();
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    ready |= (keys.next().readyOps() & key.interestOps()) != 0;
                    keys.remove();
                }
            }
        }
    }
}
