package org.xenvmc.transport;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.xenvmc.transport.World.bytes;
import static org.xenvmc.transport.World.nonBlocking;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/** Readiness by shared memory, beside TCP. */
class RingSelectorTest {
    private static final long LONG_MS = World.LIMIT.toMillis();

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldFindWhatIsThereBeforeTheSelection(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            SelectionKey key = p.client().register(sel, OP_READ);
            assertThat(sel.selectNow()).isZero();
            p.server().write(bytes(1, 2));
            assertThat(sel.select()).isEqualTo(1);
            assertThat(key.readyOps()).isEqualTo(OP_READ);
            assertThat(sel.select()).as("selected already").isZero();
            sel.selectedKeys().clear();
            p.client().read(bytes(0));
            assertThat(sel.selectNow()).as("one byte is left").isEqualTo(1);
            sel.selectedKeys().clear();
            p.client().read(bytes(0));
            assertThat(sel.selectNow()).isZero();
            assertThat(sel.select(1)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldWakeWhenThePeerWrites(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            SelectionKey key = p.client().register(sel, OP_READ);
            for (int i = 0; i < 200; i++) {
                Background b = waiting(w, sel);
                p.server().write(bytes(i));
                assertThat(b.outcome()).isEqualTo("1");
                assertThat(sel.selectedKeys()).containsExactly(key);
                sel.selectedKeys().clear();
                assertThat(p.client().read(bytes(0))).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldNotSleepWhenTheSignalComesJustBefore(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            p.client().register(sel, OP_READ);
            w.engine.deliverAtOnce = true; // a later delivery would wake a selector that sleeps by mistake
            FakeStream client = w.engine.stream(p.client());
            client.afterArm = () -> {
                client.afterArm = () -> {};
                write(p.server());
            };
            assertThat(w.world.background(sel::select).outcome()).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldNotSleepWhenWakeupComesJustBefore(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Selector sel = w.world.selector();
            SocketChannel c = w.pair().client();
            c.register(sel, OP_READ);
            w.engine.stream(c).afterArm = sel::wakeup;
            assertThat(w.world.background(sel::select).outcome()).isEqualTo("0");
        }
    }

    private static void write(SocketChannel c) {
        try {
            c.write(bytes(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A thread that waits in select, asleep or spinning. */
    private static Background waiting(RingWorld w, Selector sel) {
        Background b = w.world.background(sel::select);
        World.await(() -> b.isDone() || w.engine.spinningNow() > 0 || b.inSystemCall());
        return b;
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldWakeWhenThereIsRoomAgain(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            SelectionKey key = p.client().register(sel, OP_WRITE);
            assertThat(sel.select()).isEqualTo(1);
            World.fill(p.client());
            sel.selectedKeys().clear();
            assertThat(sel.selectNow()).isZero();
            Background b = waiting(w, sel);
            p.server().read(bytes(0));
            assertThat(b.outcome()).isEqualTo("1");
            assertThat(key.isWritable()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldSeeTheEndOfTheStream(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            p.client().register(sel, OP_READ);
            Background b = waiting(w, sel);
            p.server().shutdownOutput();
            assertThat(b.outcome()).isEqualTo("1");
            assertThat(p.client().read(bytes(0))).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldWakeWhenThePathChangesWhileItSleeps(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, false)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            p.client().register(sel, OP_READ);
            for (int i = 0; i < 20; i++) {
                Background b = waiting(w, sel);
                w.path(p, i % 2 == 0);
                assertThat(b.isDone()).isFalse();
                p.server().write(bytes(i));
                assertThat(b.outcome()).isEqualTo("1");
                sel.selectedKeys().clear();
                ByteBuffer in = bytes(0);
                assertThat(p.client().read(in)).isEqualTo(1);
                assertThat(in.get(0)).isEqualTo((byte) i);
            }
        }
    }

    @Test
    void shouldSleepOnWhenTcpHadOnlyAControlFrame() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.PARK, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            p.client().register(sel, OP_READ);
            Background b = waiting(w, sel);
            FakeStream client = w.engine.stream(p.client());
            for (int i = 0; i < 5; i++) {
                int before = client.evaluations.get();
                w.engine.stream(p.server()).sendControl();
                World.await(() -> client.evaluations.get() > before);
            }
            assertThat(b.isDone()).isFalse();
            p.server().write(bytes(1));
            assertThat(b.outcome()).isEqualTo("1");
        }
    }

    @Test
    void shouldReportWhatTcpAndMemoryHaveTogether() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.ADAPTIVE, true)) {
            Pair ring = w.pair();
            Pipe pipe = w.provider.openPipe();
            w.world.keep(pipe.sink());
            Selector sel = w.world.selector();
            SelectionKey byTcp = nonBlocking(w.world.keep(pipe.source())).register(sel, OP_READ);
            SelectionKey byRing = ring.client().register(sel, OP_READ);
            ring.server().write(bytes(1));
            sel.selectNow();
            pipe.sink().write(bytes(1));
            List<SelectionKey> seen = new ArrayList<>();
            for (int i = 0; i < 32 && !seen.contains(byTcp); i++) {
                sel.select(seen::add);
            }
            assertThat(seen).as("what is on memory must not keep us from TCP").contains(byTcp, byRing);
        }
    }

    @Test
    void shouldFindMemoryWhenTcpIsAlwaysReady() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.ADAPTIVE, true)) {
            Pair ring = w.pair();
            Pipe pipe = w.provider.openPipe();
            w.world.keep(pipe.source());
            Selector sel = w.world.selector();
            nonBlocking(w.world.keep(pipe.sink())).register(sel, OP_WRITE);
            SelectionKey byRing = ring.client().register(sel, OP_READ);
            sel.selectNow();
            ring.server().write(bytes(1));
            List<SelectionKey> seen = new ArrayList<>();
            World.await(() -> {
                sel.select(seen::add);
                return seen.contains(byRing);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldFollowChangesOfInterest(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            SelectionKey key = p.client().register(sel, 0);
            p.server().write(bytes(1));
            assertThat(sel.selectNow()).isZero();
            key.interestOps(OP_READ);
            assertThat(sel.select()).isEqualTo(1);
            key.interestOpsOr(OP_WRITE);
            assertThat(sel.select()).isEqualTo(1);
            assertThat(key.readyOps()).isEqualTo(OP_READ | OP_WRITE);
            key.interestOps(0);
            sel.selectedKeys().clear();
            assertThat(sel.selectNow()).isZero();
            Background b = waiting(w, sel);
            key.interestOps(OP_READ);
            sel.wakeup();
            b.outcome();
            assertThat(sel.selectNow() + sel.selectedKeys().size()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldEndTheWaitByWakeupInterruptAndClose(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            SelectionKey key = p.client().register(sel, OP_READ);
            Background woken = waiting(w, sel);
            sel.wakeup();
            assertThat(woken.outcome()).isEqualTo("0");
            Background interrupted = waiting(w, sel);
            interrupted.thread.interrupt();
            assertThat(interrupted.outcome()).isEqualTo("0");
            Background closed = waiting(w, sel);
            sel.close();
            assertThat(closed.outcome()).isEqualTo("0");
            assertThat(key.isValid()).isFalse();
            assertThat(w.engine.spinningNow()).isZero();
            assertThat(w.engine.stream(p.client()).listeners).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldReturnWhenTheTimeIsOver(WaitStrategy wait) throws Exception {
        try (RingWorld w = new RingWorld(wait, true)) {
            Selector sel = w.world.selector();
            w.pair().client().register(sel, OP_READ);
            assertThat(sel.select(1)).isZero();
            assertThat(sel.select(k -> {}, 20)).isZero();
        }
    }

    @Test
    void shouldServeOneStreamInSeveralSelectors() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.ADAPTIVE, true)) {
            Pair p = w.pair();
            Selector one = w.world.selector();
            Selector two = w.world.selector();
            p.client().register(one, OP_READ);
            p.client().register(two, OP_READ);
            Background first = waiting(w, one);
            Background second = waiting(w, two);
            p.server().write(bytes(1));
            assertThat(first.outcome()).isEqualTo("1");
            assertThat(second.outcome()).isEqualTo("1");
        }
    }

    @Test
    void shouldStopListeningWhenAKeyIsCancelledOrTheChannelClosed() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.ADAPTIVE, true)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            FakeStream client = w.engine.stream(p.client());
            FakeStream server = w.engine.stream(p.server());
            SelectionKey key = p.client().register(sel, OP_READ);
            p.server().register(sel, OP_READ);
            sel.selectNow();
            assertThat(client.listeners).hasSize(1);
            assertThat(server.listeners).hasSize(1);
            key.cancel();
            p.server().close();
            sel.selectNow();
            assertThat(client.listeners).isEmpty();
            assertThat(server.listeners).isEmpty();
            assertThat(sel.keys()).isEmpty();
        }
    }

    @Test
    void shouldEvaluateOnlyKeysThatMayBeReady() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.PARK, true)) {
            Selector sel = w.world.selector();
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                pairs.add(w.pair());
                pairs.get(i).client().register(sel, OP_READ);
            }
            sel.selectNow();
            int before = evaluations(w, pairs);
            Pair busy = pairs.get(50);
            for (int i = 0; i < 100; i++) {
                busy.server().write(bytes(i));
                assertThat(sel.select(LONG_MS)).isEqualTo(1);
                sel.selectedKeys().clear();
                busy.client().read(bytes(0));
            }
            int busyAlone = w.engine.stream(busy.client()).evaluations.get();
            assertThat(evaluations(w, pairs) - before).isLessThanOrEqualTo(busyAlone);
        }
    }

    private static int evaluations(RingWorld w, List<Pair> pairs) throws Exception {
        int sum = 0;
        for (Pair p : pairs) {
            sum += w.engine.stream(p.client()).evaluations.get();
        }
        return sum;
    }

    @Test
    void shouldNotSpinWhenNothingComesThroughMemory() throws Exception {
        try (RingWorld w = new RingWorld(WaitStrategy.ADAPTIVE, false)) {
            Pair p = w.pair();
            Selector sel = w.world.selector();
            p.client().register(sel, OP_READ);
            for (int i = 0; i < 100; i++) {
                Background b = waiting(w, sel);
                p.server().write(bytes(1));
                assertThat(b.outcome()).isEqualTo("1");
                sel.selectedKeys().clear();
                p.client().read(bytes(0));
            }
            assertThat(w.engine.spins).hasValue(0);
        }
    }
}
