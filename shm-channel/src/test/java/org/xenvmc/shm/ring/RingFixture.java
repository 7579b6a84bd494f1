package org.xenvmc.shm.ring;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.WaitStrategy;

/** Both ends of one ring in private memory. */
final class RingFixture {
    static final String SEED_PROPERTY = "xenvmc.test.seed";

    final TestMemory memory;
    final SpscRingSender sender;
    final SpscRingReceiver receiver;
    final AtomicInteger signalsToReceiver = new AtomicInteger();
    final AtomicInteger signalsToSender = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();

    RingFixture(int capacity) {
        this(capacity, WaitStrategy.PARK);
    }

    RingFixture(int capacity, WaitStrategy strategy) {
        memory = new TestMemory(capacity);
        sender = new SpscRingSender(place(strategy, signalsToReceiver));
        receiver = new SpscRingReceiver(place(strategy, signalsToSender));
    }

    private RingPlace place(WaitStrategy strategy, AtomicInteger signals) {
        return new RingPlace(
                memory,
                memory.offset(),
                memory.capacity,
                new SpinWait(strategy, 20_000, 2),
                Membarrier.fence(),
                signals::incrementAndGet,
                released::incrementAndGet);
    }

    int word(int offset) {
        return (int) RingLayout.INT.getVolatile(memory.ring(), offset);
    }

    void word(int offset, int value) {
        RingLayout.INT.setVolatile(memory.ring(), offset, value);
    }

    void longWord(int offset, long value) {
        RingLayout.LONG.setVolatile(memory.ring(), offset, value);
    }

    /** A seed, printed, that can be given again. */
    static long seed(String test) {
        long seed = Long.getLong(SEED_PROPERTY, System.nanoTime());
        System.getLogger(test).log(System.Logger.Level.INFO, "seed: -D" + SEED_PROPERTY + "=" + seed);
        return seed;
    }

    /** The byte of the test stream with this number. */
    static byte at(long offset) {
        return (byte) (offset * 0x9E3779B97F4A7C15L >>> 56);
    }

    static ByteBuffer bytes(long from, int length) {
        return fill(ByteBuffer.allocate(length), from).flip();
    }

    /** Puts the bytes of the stream from {@code from} on where there is room. */
    static ByteBuffer fill(ByteBuffer to, long from) {
        for (long n = from; to.hasRemaining(); n++) {
            to.put(at(n));
        }
        return to;
    }

    /** Compares what is between position and limit with the stream; returns how much it is. */
    static int check(ByteBuffer got, long from) {
        int length = got.remaining();
        for (int i = 0; i < length; i++) {
            byte b = got.get(got.position() + i);
            if (b != at(from + i)) {
                throw new AssertionError("byte " + (from + i) + " is " + b + ", expected " + at(from + i));
            }
        }
        return length;
    }

    /** A length from 1 to {@code max}; short and long ones are both frequent. */
    static int length(Random random, int max) {
        int bits = 1 + random.nextInt(32 - Integer.numberOfLeadingZeros(max));
        return 1 + random.nextInt(Math.min(max, 1 << bits));
    }
}
