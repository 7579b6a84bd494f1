package org.xenvmc.migration.vm.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A stream of numbers through a connection, in both directions, each byte compared by who reads it. */
final class Traffic {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final long LATE_NS = 200_000_000;

    private final SocketChannel channel;
    private final long sendSeed;
    private final long receiveSeed;
    private final long bytesPerSecond;
    private volatile long sent;
    private volatile long received;
    private final AtomicInteger running = new AtomicInteger(2);
    private volatile boolean stopping;
    private volatile String failure = "";

    Traffic(SocketChannel channel, long sendSeed, long receiveSeed, long bytesPerSecond) {
        this.channel = channel;
        this.sendSeed = sendSeed;
        this.receiveSeed = receiveSeed;
        this.bytesPerSecond = bytesPerSecond;
    }

    void start() {
        run("traffic-out", this::send);
        run("traffic-in", this::receive);
    }

    private interface Work {
        void run() throws IOException;
    }

    private void run(String name, Work work) {
        Thread t = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | RuntimeException e) {
                        failed(name + ": " + e);
                    } finally {
                        running.decrementAndGet();
                    }
                },
                name);
        t.setDaemon(true);
        t.start();
    }

    /** Both directions may fail at the same moment. */
    private synchronized void failed(String how) {
        failure = (failure + " " + how).trim();
    }

    private static long word(long seed, long index) {
        long z = seed + index * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static void fill(ByteBuffer b, long seed, long offset) {
        b.clear();
        for (long i = offset >> 3; b.hasRemaining(); i++) {
            b.putLong(word(seed, i));
        }
        b.flip();
    }

    private void send() throws IOException {
        ByteBuffer b = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long dueNs = System.nanoTime();
        for (long offset = 0; !stopping; offset += CHUNK_BYTES) {
            fill(b, sendSeed, offset);
            while (b.hasRemaining()) {
                channel.write(b);
            }
            sent = offset + CHUNK_BYTES;
            // what could not be sent in time is not made up for: else a slow guest would do nothing but send
            dueNs = Math.max(dueNs, System.nanoTime() - LATE_NS) + CHUNK_BYTES * 1_000_000_000L / bytesPerSecond;
            LockSupport.parkNanos(dueNs - System.nanoTime());
        }
        channel.shutdownOutput();
    }

    private void receive() throws IOException {
        ByteBuffer expected = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer b = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long offset = 0; ; offset += CHUNK_BYTES) {
            b.clear();
            while (b.hasRemaining()) {
                if (channel.read(b) < 0) {
                    if (b.position() > 0) {
                        throw new IOException("the stream ended in the middle, at offset " + (offset + b.position()));
                    }
                    return;
                }
            }
            fill(expected, receiveSeed, offset);
            int differs = b.flip().mismatch(expected);
            if (differs >= 0) {
                throw new IOException("the stream differs at offset " + (offset + differs));
            }
            received = offset + CHUNK_BYTES;
        }
    }

    void stop() {
        stopping = true;
    }

    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    /** Whether nothing is going to be sent or received any more. */
    boolean ended() {
        return running.get() == 0;
    }

    /** What went wrong; empty when nothing did. */
    String failure() {
        return failure;
    }
}
