package org.xenvmc.bench.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.StreamSend;
import org.xenvmc.bench.workload.WorkloadArguments;

/**
 * {@link StreamSend} over a ring alone, both ends spinning: blocks of N bytes, a receiver that copies into a buffer of 64
 * KiB, all bytes 0 except the very last. A block larger than the ring takes at once goes in pieces.
 */
public final class RingStream {
    private static final byte STOP = 1;
    private static final int WRITES_PER_LOOK_AT_CLOCK = 128;

    private final RingFile file;
    private final RingLink link;
    private int rounds;

    /** A stream through {@code link}, which lies in {@code file}. */
    public RingStream(RingFile file, RingLink link) {
        this.file = file;
        this.link = link;
    }

    /** The sender's part of a round. */
    public Sample drive(WorkloadArguments arguments) throws IOException {
        rounds++;
        ByteBuffer block = ByteBuffer.allocateDirect(arguments.sizeBytes());
        while (file.begun() < rounds) {
            Thread.onSpinWait();
        }
        long writes = 0;
        long start = System.nanoTime();
        do {
            for (int i = 0; i < WRITES_PER_LOOK_AT_CLOCK; i++) {
                offerAll(block);
            }
            writes += WRITES_PER_LOOK_AT_CLOCK;
        } while (System.nanoTime() - start < arguments.durationNs());
        offerAll(block.put(arguments.sizeBytes() - 1, STOP));
        writes++;
        while (file.finished() < rounds) {
            Thread.onSpinWait();
        }
        long elapsedNs = System.nanoTime() - start;
        return new Sample()
                .with(Sample.OPERATIONS, writes)
                .with(Sample.BYTES, writes * arguments.sizeBytes())
                .with(Sample.ELAPSED_NS, elapsedNs);
    }

    private void offerAll(ByteBuffer block) throws IOException {
        block.clear();
        while (block.hasRemaining()) {
            if (link.offer(block) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** The receiver's part of a round. */
    public Sample serve() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(StreamSend.READ_BUFFER_BYTES);
        file.begin();
        long bytes = 0;
        byte last = 0;
        while (last != STOP) {
            buffer.clear();
            int read = link.poll(buffer);
            if (read == 0) {
                Thread.onSpinWait();
            } else {
                bytes += read;
                last = buffer.get(read - 1);
            }
        }
        file.finish();
        return new Sample().with(Sample.BYTES, bytes);
    }
}
