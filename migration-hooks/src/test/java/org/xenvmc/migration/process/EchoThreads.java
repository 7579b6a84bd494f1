package org.xenvmc.migration.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.world.TestSeed;

/** Sends everything back, with a thread per connection; if asked to, it now and then reads nothing for a while. */
final class EchoThreads implements VmProcess.Service {
    private static final int MAX_BUFFER_BYTES = 200_000;
    private static final int PAUSE_ONE_IN = 200;
    private static final int PAUSE_MAX_MS = 40;

    private final long seed;
    private final boolean lazy;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private volatile ServerSocketChannel listener;

    EchoThreads(long seed, boolean lazy) {
        this.seed = seed;
        this.lazy = lazy;
    }

    @Override
    public void run(SelectableChannel channel) throws IOException {
        listener = (ServerSocketChannel) channel;
        try {
            for (long n = 0; ; n++) {
                SocketChannel accepted = listener.accept();
                Random random = new Random(seed + n);
                Threads.daemon("echo-" + n, () -> echo(accepted, random));
            }
        } catch (AsynchronousCloseException e) {
            // told to end
        }
    }

    private void echo(SocketChannel channel, Random random) throws IOException {
        try (channel) {
            ByteBuffer b = ByteBuffer.allocateDirect(MAX_BUFFER_BYTES);
            while (channel.read(b.clear().limit(TestSeed.skewedLength(random, MAX_BUFFER_BYTES))) >= 0) {
                bytes.addAndGet(b.flip().remaining());
                channel.write(b);
                if (lazy && random.nextInt(PAUSE_ONE_IN) == 0) {
                    LockSupport.parkNanos(1_000_000L * random.nextInt(PAUSE_MAX_MS));
                }
            }
            ended.incrementAndGet();
            channel.shutdownOutput();
        }
    }

    @Override
    public String totals() {
        return bytes + " " + ended;
    }

    @Override
    public void close() throws IOException {
        if (listener != null) {
            listener.close();
        }
    }
}
