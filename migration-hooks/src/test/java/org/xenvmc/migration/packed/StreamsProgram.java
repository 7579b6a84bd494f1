package org.xenvmc.migration.packed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Reads from the stream of a channel while another thread is blocked in writing to it, and says what came. */
final class StreamsProgram {
    private static final int LIMIT_S = 20;

    private StreamsProgram() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel server = listener.accept()) {
                InputStream in = Channels.newInputStream(client);
                OutputStream out = Channels.newOutputStream(client);
                blockInWrite(out);
                FutureTask<Integer> read = new FutureTask<>(in::read);
                daemon(read);
                server.write(ByteBuffer.wrap(new byte[] {99}));
                System.out.println("read=" + read.get(LIMIT_S, TimeUnit.SECONDS));
            }
        }
        System.exit(0); // the writer may still be at it
    }

    /** Returns when the stream takes no more. */
    private static void blockInWrite(OutputStream out) {
        AtomicInteger writes = new AtomicInteger();
        daemon(() -> {
            byte[] chunk = new byte[64 * 1024];
            try {
                while (true) {
                    out.write(chunk);
                    writes.incrementAndGet();
                }
            } catch (IOException e) {
                // the channel is closed at the end
            }
        });
        int last = -1;
        for (int same = 0; same < 100 || last <= 0; LockSupport.parkNanos(2_000_000)) {
            same = writes.get() == last ? same + 1 : 0;
            last = writes.get();
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }
}
