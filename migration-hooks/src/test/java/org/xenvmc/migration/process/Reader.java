package org.xenvmc.migration.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.xenvmc.migration.world.StreamPattern;

/** Reads the pattern to its end and compares every byte; accepts the connection first if it is given a listener. */
final class Reader implements VmProcess.Service {
    private static final int BUFFER_BYTES = 10_000;

    private final StreamPattern pattern;
    private volatile long offset;

    Reader(long seed) {
        pattern = new StreamPattern(seed);
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written by one thread
    public void run(SelectableChannel channel) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(BUFFER_BYTES);
        SocketChannel in = channel instanceof ServerSocketChannel
                ? ((ServerSocketChannel) channel).accept()
                : (SocketChannel) channel;
        while (in.read(b.clear()) >= 0) {
            pattern.verify(b.flip(), offset);
            offset += b.limit();
        }
    }

    @Override
    public String totals() {
        return Long.toString(offset);
    }
}
