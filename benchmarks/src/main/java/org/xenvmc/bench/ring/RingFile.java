package org.xenvmc.bench.ring;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file under a ring: a page with two words that the processes use to begin and end a round, and the ring.
 *
 * <pre>
 *      0  int  rounds that the receiver has begun
 *    128  int  rounds that the receiver has finished
 *   4096  the ring
 * </pre>
 */
public final class RingFile {
    private static final int BEGUN = 0;
    private static final int FINISHED = 128;
    private static final int RING = 4096;
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final MappedByteBuffer memory;

    private RingFile(MappedByteBuffer memory) {
        this.memory = memory;
    }

    /** Maps the file, which is made when it is not there. */
    public static RingFile map(Path file, int ringBytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, RING + ringBytes);
            return new RingFile(memory);
        }
    }

    /** The ring's part of the memory, in native byte order. */
    public ByteBuffer ring() {
        return memory.slice(RING, memory.capacity() - RING).order(ByteOrder.nativeOrder());
    }

    /** Rounds that the receiver has begun. */
    int begun() {
        return (int) INT.getAcquire(memory, BEGUN); // partner: begin
    }

    /** The receiver begins a round. */
    void begin() {
        INT.setRelease(memory, BEGUN, begun() + 1); // partner: begun
    }

    /** Rounds that the receiver has finished. */
    int finished() {
        return (int) INT.getAcquire(memory, FINISHED); // partner: finish
    }

    /** The receiver has taken everything of a round. */
    void finish() {
        INT.setRelease(memory, FINISHED, finished() + 1); // partner: finished
    }
}
