package org.xenvmc.bench.ring;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Agrona's ring as a byte stream, as its users would do it: one message per write, in pieces of the ring's longest message,
 * and a handler that copies into the reader's buffer. The JVM needs {@code --add-exports
 * java.base/jdk.internal.misc=ALL-UNNAMED}.
 */
public final class AgronaLink implements RingLink {
    private static final int MESSAGE_TYPE = 1;

    private final OneToOneRingBuffer ring;
    private final UnsafeBuffer source = new UnsafeBuffer(0, 0);
    private final MessageHandler handler = this::take;
    private final int pieceBytes;
    private ByteBuffer wrapped;
    private ByteBuffer destination;

    private AgronaLink(OneToOneRingBuffer ring, int blockBytes) {
        this.ring = ring;
        this.pieceBytes = Math.min(blockBytes, ring.maxMsgLength());
    }

    /**
     * An end of the ring in {@code memory}.
     *
     * @param capacityBytes its capacity
     * @param blockBytes size of the blocks that will be sent
     */
    public static RingLink open(ByteBuffer memory, int capacityBytes, int blockBytes) {
        ByteBuffer area = memory.slice(0, ringBytes(capacityBytes));
        return new AgronaLink(new OneToOneRingBuffer(new UnsafeBuffer(area)), blockBytes);
    }

    /** Memory that a ring of this capacity needs, in bytes. */
    public static int ringBytes(int capacityBytes) {
        return capacityBytes + RingBufferDescriptor.TRAILER_LENGTH;
    }

    @Override
    public int offer(ByteBuffer block) {
        if (wrapped != block) {
            source.wrap(block);
            wrapped = block;
        }
        int length = Math.min(block.remaining(), pieceBytes);
        if (!ring.write(MESSAGE_TYPE, source, block.position(), length)) {
            return 0;
        }
        block.position(block.position() + length);
        return length;
    }

    @Override
    public int poll(ByteBuffer target) {
        int before = target.position();
        destination = target;
        ring.read(handler, target.remaining() / pieceBytes);
        return target.position() - before;
    }

    private void take(int messageType, MutableDirectBuffer buffer, int index, int length) {
        buffer.getBytes(index, destination, length);
    }
}
