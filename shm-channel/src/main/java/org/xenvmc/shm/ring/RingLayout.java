package org.xenvmc.shm.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Layout of one ring in shared memory, version 1. All numbers in native byte order; every group on cache lines of its own.
 *
 * <pre>
 *    0                   sender's words, written by the sender only
 *      +0   int   events     incremented after each change of the words below
 *      +4   int   state      bit 0 aborted, bit 1 cancelled (given up unused), bit 2 heavy (fences for an unfenced receiver)
 *      +8   long  start      offset of the first byte in the ring, plus 1; 0 = not published
 *      +16  long  end        offset where the direction goes on over TCP, plus 1; 0 = not published
 *      +24  long  fin        offset where the stream ends, plus 1; 0 = not published
 *      +32  int   wanted     room in bytes that a waiting writer hopes for
 *      +36  int   unfenced   1 = does not fence between publishing and looking at readerWait
 *  128                   receiver's words, written by the receiver only
 *      +0   int   events     incremented after each change of the word below
 *      +4   int   state      bit 0 ready, bit 1 closed, bit 2 aborted, bit 3 released (will touch nothing any more),
 *                            bit 4 heavy (fences for an unfenced sender)
 *      +8   int   unfenced   1 = does not fence between publishing and looking at writerWait
 *  256                   int   readerWait   0 nobody, 1 a thread sleeps on this word, 2 signal the connection
 *  384                   int   writerWait   likewise
 * 1024                   data, capacity bytes: records in Agrona's one-to-one format
 *                          +0 int length (header included; written last, release), +4 int type (1 data, 2 urgent data, -1 padding), +8 payload
 * 1024 + capacity        trailer, {@value #TRAILER_BYTES} bytes, as Agrona's RingBufferDescriptor:
 *      +128 long tail position   +256 long head cache (unused here)   +384 long head position
 * </pre>
 *
 * <p>The end and the fin of a ring are words and not records, so that publishing them needs no room. They are valid once
 * the receiver's cursor has reached them.
 */
public final class RingLayout {
    /** Version of this layout. */
    public static final int VERSION = 1;

    static final int SENDER_EVENTS = 0;
    static final int SENDER_STATE = SENDER_EVENTS + Integer.BYTES;
    static final int START = SENDER_STATE + Integer.BYTES;
    static final int END = START + Long.BYTES;
    static final int FIN = END + Long.BYTES;
    static final int WANTED = FIN + Long.BYTES;
    static final int SENDER_UNFENCED = WANTED + Integer.BYTES;

    static final int RECEIVER_EVENTS = 128;
    static final int RECEIVER_STATE = RECEIVER_EVENTS + Integer.BYTES;
    static final int RECEIVER_UNFENCED = RECEIVER_STATE + Integer.BYTES;

    static final int READER_WAIT = 256;
    static final int WRITER_WAIT = 384;

    /** Where the records begin: a multiple of 8. */
    public static final int DATA = 1024;

    static final int SENDER_ABORTED = 1;
    static final int SENDER_CANCELLED = 2;
    static final int SENDER_HEAVY = 4;

    static final int RECEIVER_READY = 1;
    static final int RECEIVER_CLOSED = 2;
    static final int RECEIVER_ABORTED = 4;
    static final int RECEIVER_RELEASED = 8;
    static final int RECEIVER_HEAVY = 16;

    static final int NOBODY = 0;
    static final int SLEEPER = 1;
    static final int SIGNAL = 2;

    static final int RECORD_HEADER = 8;
    static final int TYPE_DATA = 1;
    static final int TYPE_PADDING = -1;
    static final int TYPE_URGENT = 2;

    /** Length of the trailer. */
    public static final int TRAILER_BYTES = 768;

    private static final int TAIL_IN_TRAILER = 128;
    private static final int HEAD_IN_TRAILER = 384;

    static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private RingLayout() {}

    static int tailPosition(int capacity) {
        return DATA + capacity + TAIL_IN_TRAILER;
    }

    static int headPosition(int capacity) {
        return DATA + capacity + HEAD_IN_TRAILER;
    }

    /** Bytes of memory for a ring of this capacity. */
    public static int ringBytes(int capacity) {
        return DATA + capacity + TRAILER_BYTES;
    }

    /** Length and type of a record as one word: little endian, like the processors that are supported. */
    static long header(int length, int type) {
        return (long) type << 32 | length & 0xffff_ffffL;
    }

    static int align(int length) {
        return (length + 7) & ~7;
    }

    /**
     * Makes a ring empty and unused. Called by the owner of the memory before the ring is offered, when the previous
     * receiver has released it.
     *
     * @param ring the ring's memory, position 0, {@link #ringBytes} long
     */
    public static void initialise(ByteBuffer ring, int capacity) {
        zero(ring, 0, DATA + RECORD_HEADER);
        zero(ring, DATA + capacity, TRAILER_BYTES);
        VarHandle.fullFence();
    }

    /** Whether the receiver has promised to touch the ring no more. */
    public static boolean releasedByReceiver(ByteBuffer ring) {
        return ((int) INT.getAcquire(ring, RECEIVER_STATE) & RECEIVER_RELEASED) != 0;
    }

    private static void zero(ByteBuffer ring, int from, int length) {
        for (int i = from; i < from + length; i += Long.BYTES) {
            LONG.set(ring, i, 0L);
        }
    }
}
