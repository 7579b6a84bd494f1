package org.xenvmc.transport;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/**
 * Requests and answers over memory between threads that wait in selectors without a time-out. Each request waits for
 * its answer, so nothing but the wake-up of that very byte lets the test go on: one that is lost hangs it, and the limit
 * ends it. The seed is part of every failure and can be given with {@code -Dxenvmc.test.seed}.
 */
class SelectorStressTest {
    private static final int CONNECTIONS = 5;
    private static final int ROUNDS = Integer.getInteger("xenvmc.test.rounds", 4_000);

    private final long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldLoseNoWakeUp(WaitStrategy wait) throws Exception {
        play(wait, false);
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldBearSpuriousSignalsAndChangesOfInterest(WaitStrategy wait) throws Exception {
        play(wait, true);
    }

    private void play(WaitStrategy wait, boolean withNoise) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Echo echo = new Echo(w.world.selector());
            Asker asker = new Asker(w.world.selector(), new Random(seed));
            AtomicBoolean stop = new AtomicBoolean(!withNoise);
            List<FakeStream> streams = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Pair p = w.pair();
                echo.add(p.server());
                asker.add(p.client());
                streams.add(w.engine.stream(p.client()));
                streams.add(w.engine.stream(p.server()));
            }
            Background answers = w.world.background(echo::run);
            Background noise = w.world.background(() -> disturb(stop, asker, streams, new Random(~seed)));
            Background questions = w.world.background(asker::run);
            World.await(() -> {
                if (answers.isDone() || withNoise && noise.isDone()) {
                    throw new AssertionError("ended early: " + answers.outcome() + ", seed " + seed);
                }
                return questions.isDone();
            });
            stop.set(true);
            assertThat(questions.outcome()).as("seed %d", seed).isEqualTo("" + CONNECTIONS * ROUNDS);
            assertThat(noise.outcome()).as("seed %d", seed).isEqualTo("done");
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed + ", " + wait, t);
        }
    }

    /** Spurious notifications, and changes of interest that another thread makes. */
    private static String disturb(AtomicBoolean stop, Asker asker, List<FakeStream> streams, Random random)
            throws Exception {
        while (!stop.get()) {
            switch (random.nextInt(4)) {
                case 0:
                    streams.get(random.nextInt(streams.size())).tellListeners();
                    break;
                case 1:
                    streams.get(random.nextInt(streams.size())).sendControl();
                    break;
                case 2:
                    SelectionKey key = asker.keys.get(random.nextInt(CONNECTIONS));
                    key.interestOpsAnd(~OP_READ);
                    key.interestOpsOr(OP_READ); // nobody but us has to wake the selector after that
                    break;
                default:
                    Thread.yield();
            }
            // rarely enough that the selectors do fall asleep
            long until = System.nanoTime() + random.nextInt(200_000);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        }
        return "done";
    }

    /** Sends back what comes, waiting for room if need be. */
    private static final class Echo {
        private final Selector selector;

        Echo(Selector selector) {
            this.selector = selector;
        }

        void add(SocketChannel c) throws Exception {
            c.register(selector, OP_READ, ByteBuffer.allocate(100));
        }

        Object run() throws Exception {
            while (!Thread.currentThread().isInterrupted()) {
                selector.select(Echo::serve);
            }
            return "interrupted";
        }

        private static void serve(SelectionKey key) {
            try {
                SocketChannel c = (SocketChannel) key.channel();
                ByteBuffer b = (ByteBuffer) key.attachment();
                c.read(b);
                c.write(b.flip());
                key.interestOps(b.hasRemaining() ? OP_READ | OP_WRITE : OP_READ);
                b.compact();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Has one request under way on each connection, of a length that sometimes exceeds the ring. */
    private static final class Asker {
        final List<SelectionKey> keys = new ArrayList<>();
        private final Selector selector;
        private final Random random;
        private final AtomicLong done = new AtomicLong();

        private static final class Request {
            final ByteBuffer out = ByteBuffer.allocate(150);
            int missing;
            int rounds;
        }

        Asker(Selector selector, Random random) {
            this.selector = selector;
            this.random = random;
        }

        void add(SocketChannel c) throws Exception {
            keys.add(c.register(selector, OP_READ, new Request()));
        }

        Object run() throws Exception {
            for (SelectionKey key : keys) {
                ask(key);
            }
            while (done.get() < (long) CONNECTIONS * ROUNDS) {
                if (selector.select() == 0) {
                    continue; // another thread's change of interest, or a key whose readiness was taken
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    answer(key);
                }
                selector.selectedKeys().clear();
            }
            return done.get();
        }

        private void ask(SelectionKey key) throws Exception {
            Request r = (Request) key.attachment();
            int length = random.nextInt(8) == 0 ? 1 + random.nextInt(150) : 1;
            r.missing = length;
            r.out.clear().limit(length);
            write(key, r);
        }

        private static void write(SelectionKey key, Request r) throws Exception {
            ((SocketChannel) key.channel()).write(r.out);
            if (r.out.hasRemaining()) {
                key.interestOpsOr(OP_WRITE);
            } else {
                key.interestOpsAnd(~OP_WRITE);
            }
        }

        private void answer(SelectionKey key) throws Exception {
            Request r = (Request) key.attachment();
            write(key, r);
            r.missing -= ((SocketChannel) key.channel()).read(ByteBuffer.allocate(150));
            if (r.missing == 0 && !r.out.hasRemaining()) {
                done.incrementAndGet();
                if (++r.rounds < ROUNDS) {
                    ask(key);
                }
            }
        }
    }
}
