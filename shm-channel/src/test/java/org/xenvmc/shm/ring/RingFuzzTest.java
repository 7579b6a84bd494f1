package org.xenvmc.shm.ring;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that writes anything anywhere in the ring at any moment. Each call ends soon, with bytes, with nothing, or with a
 * {@link RingViolation}; and nothing outside the ring is touched.
 */
@Timeout(100)
class RingFuzzTest {
    private static final int CAPACITY = 4096;
    private static final int RINGS = 300;
    private static final int STEPS = 400;
    private static final int[] INTERESTING = {
        0,
        1,
        -1,
        2,
        3,
        4,
        7,
        8,
        9,
        15,
        16,
        24,
        -8,
        -16,
        4088,
        4095,
        4096,
        4097,
        4104,
        1 << 16,
        1 << 20,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 7,
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 8,
        0x7fff_fff8
    };

    /** Words that mean something; the rest are record headers. */
    private static final int[] WORDS = {
        RingLayout.SENDER_EVENTS,
        RingLayout.SENDER_STATE,
        RingLayout.START,
        RingLayout.END,
        RingLayout.FIN,
        RingLayout.WANTED,
        RingLayout.RECEIVER_EVENTS,
        RingLayout.RECEIVER_STATE,
        RingLayout.READER_WAIT,
        RingLayout.WRITER_WAIT,
        RingLayout.tailPosition(CAPACITY),
        RingLayout.tailPosition(CAPACITY) + 4,
        RingLayout.headPosition(CAPACITY),
        RingLayout.headPosition(CAPACITY) + 4
    };

    private static void corrupt(RingFixture ring, Random random) {
        int value = random.nextInt(4) == 0 ? random.nextInt() : INTERESTING[random.nextInt(INTERESTING.length)];
        int where = random.nextInt(3);
        int word = where == 0
                ? WORDS[random.nextInt(WORDS.length)]
                : RingLayout.DATA + 4 * random.nextInt(where == 1 ? 16 : CAPACITY / 4);
        ring.word(word, value);
    }

    /** A row of records that each look right, as a clever peer would write it. */
    private static void plausibleRecords(RingFixture ring, Random random) {
        for (int at = 0; at < CAPACITY; ) {
            int length = random.nextInt(6) == 0
                    ? CAPACITY - at
                    : Math.min(CAPACITY - at, 8 + 8 * random.nextInt(random.nextBoolean() ? 3 : 60));
            ring.word(
                    RingLayout.DATA + at + 4, random.nextInt(3) == 0 ? RingLayout.TYPE_PADDING : RingLayout.TYPE_DATA);
            ring.word(RingLayout.DATA + at, length);
            at += RingLayout.align(length);
        }
    }

    private static void check(String call, long result, long from, long to) {
        if (result < from || result > to) {
            throw new AssertionError(call + " returned " + result);
        }
    }

    private interface Call {
        long run() throws RingViolation, Exception;
    }

    private static void call(String name, long from, long to, Call call) throws Exception {
        try {
            check(name, call.run(), from, to);
        } catch (RingViolation e) {
            if (!e.getMessage().startsWith("ring violation by the peer: ")) {
                throw e;
            }
        }
    }

    private static void receive(RingFixture ring, Random random) throws Exception {
        SpscRingReceiver r = ring.receiver;
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> {
                int length = RingFixture.length(random, 2 * CAPACITY);
                call("read", 0, length, () -> r.read(ByteBuffer.allocate(length)));
            }
            case 5 -> call("hasData", 0, 1, () -> r.hasData() ? 1 : 0);
            case 6 -> call("availableBytes", 0, CAPACITY, r::availableBytes);
            case 7 -> call("fillBytes", 0, CAPACITY, r::fillBytes);
            case 8 -> r.observe();
            case 9 -> r.await(random.nextInt(2_000));
            case 10 -> r.arm();
            default -> {
                r.kick();
                r.start();
                r.end();
                r.fin();
                r.aborted();
                r.cancelled();
            }
        }
    }

    private static void send(RingFixture ring, Random random) throws Exception {
        SpscRingSender s = ring.sender;
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> {
                int length = RingFixture.length(random, 2 * CAPACITY);
                call("write", -1, length, () -> s.write(ByteBuffer.allocate(length)));
            }
            case 5 -> call("hasRoom", 0, 1, () -> s.hasRoom() ? 1 : 0);
            case 6 -> call("fillBytes", 0, CAPACITY, s::fillBytes);
            case 7 -> s.observe();
            case 8 -> s.await(random.nextInt(2_000));
            case 9 -> s.arm();
            case 10 -> s.kick();
            default -> {
                s.receiverReady();
                s.receiverClosed();
                s.receiverDone();
            }
        }
    }

    @Test
    void shouldSurviveAnythingThePeerWritesBetweenCalls() throws Exception {
        Random random = new Random(RingFixture.seed("RingFuzzTest"));
        for (int i = 0; i < RINGS; i++) {
            RingFixture ring = new RingFixture(CAPACITY);
            int lies = 1 + random.nextInt(20);
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(lies) == 0) {
                    corrupt(ring, random);
                }
                if (random.nextInt(40) == 0) {
                    plausibleRecords(ring, random);
                }
                if (random.nextBoolean()) {
                    receive(ring, random);
                } else {
                    send(ring, random);
                }
            }
            ring.sender.release();
            ring.receiver.release();
            ring.memory.assertGuardsIntact();
        }
    }

    @Test
    void shouldSurviveAPeerThatWritesDuringCalls() throws Exception {
        long seed = RingFixture.seed("RingFuzzTest");
        ExecutorService peer = Executors.newSingleThreadExecutor();
        try {
            Random random = new Random(seed);
            for (int i = 0; i < 40; i++) {
                RingFixture ring = new RingFixture(CAPACITY);
                Random lies = new Random(random.nextLong());
                Future<?> liar = peer.submit(() -> {
                    while (!Thread.interrupted()) {
                        corrupt(ring, lies);
                        if (lies.nextInt(200) == 0) {
                            plausibleRecords(ring, lies);
                        }
                    }
                });
                for (int step = 0; step < 5_000; step++) {
                    receive(ring, random);
                    send(ring, random);
                }
                liar.cancel(true);
                ring.memory.assertGuardsIntact();
            }
        } finally {
            peer.shutdownNow();
        }
    }
}
