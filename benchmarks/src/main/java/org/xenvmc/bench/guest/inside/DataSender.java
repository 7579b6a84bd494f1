package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;

/** Sends a stream at a steady rate: what could not be sent in time is not made up for. */
final class DataSender {
    private static final int BLOCKS = 256;
    private static final int BLOCKS_PER_WRITE = 16;
    private static final double NS_PER_S = 1e9;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SocketChannel channel;
    private final double nsPerWrite;
    private final long most;
    private volatile boolean stopping;
    private volatile long bytes;
    private volatile String failure = "";

    /**
     * Begins.
     *
     * @param most so many bytes, a multiple of a block, and then nothing more; the connection stays
     */
    DataSender(SocketChannel channel, long bytesPerSecond, long most) {
        this.channel = channel;
        this.most = most;
        this.nsPerWrite = BLOCKS_PER_WRITE * Block.BYTES * NS_PER_S / bytesPerSecond;
        Thread t = new Thread(this::run, "sender");
        t.setDaemon(true);
        t.start();
    }

    private void run() {
        ByteBuffer all = Block.blocks(BLOCKS);
        try (channel) {
            double due = System.nanoTime();
            for (long number = 0; !stopping; number += BLOCKS_PER_WRITE) {
                while (bytes >= most && !stopping) {
                    LockSupport.parkNanos(PAUSE_NS);
                }
                write(all, number);
                due = Math.max(due + nsPerWrite, System.nanoTime() - nsPerWrite);
                long early = (long) due - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
        }
    }

    private void write(ByteBuffer all, long number) throws IOException {
        int start = (int) (number % BLOCKS) * Block.BYTES;
        for (int i = 0; i < BLOCKS_PER_WRITE; i++) {
            Block.stamp(all, start + i * Block.BYTES, number + i);
        }
        all.limit(start + BLOCKS_PER_WRITE * Block.BYTES).position(start);
        while (all.hasRemaining()) {
            channel.write(all);
        }
        all.clear();
        bytes += (long) BLOCKS_PER_WRITE * Block.BYTES;
    }

    void stop() {
        stopping = true;
    }

    JsonObject status() {
        return new JsonObject().put("bytes", bytes).put("failure", failure);
    }
}
