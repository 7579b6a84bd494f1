package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.WorldKind;

/** Virtual threads that wait must not occupy the few threads that carry them; and their writes return what fits. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadContractTest extends Contract {
    private static final int THREADS = 60;
    private static final int SMALL_BUFFERS = 1000;
    private static final int MORE_THAN_FITS = 16 << 20;

    /** Writes something, and returns how much. */
    @FunctionalInterface
    private interface Write {
        long to(SocketChannel channel) throws IOException;
    }

    private Executor virtual;

    @BeforeEach
    void findVirtualThreads() throws Exception {
        virtual = task -> {
            try {
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private <T> FutureTask<T> start(java.util.concurrent.Callable<T> operation) {
        FutureTask<T> task = new FutureTask<>(operation);
        virtual.execute(task);
        return task;
    }

    @Test
    void shouldReleaseTheirCarriersWhenManyWaitForBytes() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        List<FutureTask<String>> readers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Pair p = pair();
            pairs.add(p);
            readers.add(start(() -> Io.read(p.server(), 4)));
        }
        // if waiting readers held all carriers, this one would never run
        assertThat(start(() -> "ran").get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("ran");
        for (int i = 0; i < THREADS; i++) {
            Io.write(pairs.get(i).client(), "%04d".formatted(i));
        }
        for (int i = 0; i < THREADS; i++) {
            assertThat(readers.get(i).get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("%04d".formatted(i));
        }
    }

    @Test
    void shouldPlayPingPongWhenBothEndsAreVirtual() throws Exception {
        List<FutureTask<Boolean>> ends = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Pair p = pair();
            ends.add(start(() -> {
                for (int n = 0; n < 200; n++) {
                    Io.write(p.client(), "ping");
                    assertThat(Io.read(p.client(), 4)).isEqualTo("pong");
                }
                return true;
            }));
            ends.add(start(() -> {
                for (int n = 0; n < 200; n++) {
                    assertThat(Io.read(p.server(), 4)).isEqualTo("ping");
                    Io.write(p.server(), "pong");
                }
                return true;
            }));
        }
        for (FutureTask<Boolean> end : ends) {
            assertThat(end.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    /** Framed TCP writes on, which a write in a loop does not notice. */
    private void assumeWhatFitsIsEnough() {
        assumeFalse(kind == WorldKind.FRAMED_IPV4 || kind.changesPaths(), "framed TCP writes all");
    }

    @Test
    void shouldReturnWhatFitsWhenAVirtualThreadWrites() throws Exception {
        assumeWhatFitsIsEnough();
        Pair p = pair();
        ByteBuffer large = new StreamPattern(3).bytes(0, MORE_THAN_FITS);
        FutureTask<Integer> one = start(() -> p.client().write(large));
        assertThat(one.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(large.position());
        assertThat(large.position()).isBetween(1, MORE_THAN_FITS - 1);
    }

    @Test
    void shouldReturnWhatFitsWhenAVirtualThreadGathers() throws Exception {
        assumeWhatFitsIsEnough();
        Pair p = pair();
        ByteBuffer large = new StreamPattern(3).bytes(0, MORE_THAN_FITS);
        ByteBuffer[] both = {Io.text("first"), large};
        FutureTask<Long> one = start(() -> p.client().write(both));
        assertThat(one.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(both[0].position() + large.position());
        assertThat(large.position()).isLessThan(MORE_THAN_FITS);
    }

    /** Writes until the channel is closed by somebody else, when writes seem to wait; what ended them. */
    private Throwable closedWhileWriting(Write write) throws Exception {
        Pair p = pair();
        AtomicLong written = new AtomicLong();
        FutureTask<Void> writer = start(() -> {
            while (true) {
                written.addAndGet(write.to(p.client()));
            }
        });
        AtomicLong previous = new AtomicLong();
        Awaitility.await("a write that waits")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .during(Duration.ofMillis(50))
                .until(() -> written.get() > 0 && written.get() == previous.getAndSet(written.get()));
        p.client().close();
        return catchThrowableOfType(ExecutionException.class, () -> writer.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS))
                .getCause();
    }

    /**
     * As {@code vthread/BlockingChannelOps} of the JDK's own tests wants it. In TCP a write that was woken by the close may still find
     * room, and the next one fails; a ring that is full stays full.
     */
    @Test
    void shouldEndAWriteThatWaitsWhenItsChannelIsClosed() throws Exception {
        assumeWhatFitsIsEnough();
        ByteBuffer b = ByteBuffer.allocate(100_000);
        assertEndOfAWriteThatWaits(closedWhileWriting(channel -> channel.write(b.clear())));
    }

    /** The ring is full between two of these buffers: what was written of the first ones has been told. */
    @Test
    void shouldEndAGatheringWriteThatWaitsWhenItsChannelIsClosed() throws Exception {
        assumeWhatFitsIsEnough();
        ByteBuffer[] small = new ByteBuffer[SMALL_BUFFERS];
        Arrays.setAll(small, i -> ByteBuffer.allocate(1));
        assertEndOfAWriteThatWaits(closedWhileWriting(channel -> {
            for (ByteBuffer b : small) {
                b.clear();
            }
            return channel.write(small);
        }));
    }

    private void assertEndOfAWriteThatWaits(Throwable end) {
        if (kind.isReference() || kind == WorldKind.PLAIN_IPV4 || kind == WorldKind.PLAIN_IPV6) {
            assertThat(end).isInstanceOf(ClosedChannelException.class);
        } else {
            assertThat(end).isExactlyInstanceOf(AsynchronousCloseException.class);
        }
    }

    @Test
    void shouldCarryAStreamWhenBothEndsAreVirtual() throws Exception {
        StreamPattern pattern = new StreamPattern(4);
        Pair p = pair();
        FutureTask<Void> sender = start(() -> {
            Io.send(p.client(), pattern, 0, 3L * MORE_THAN_FITS / 2, 700_001);
            p.client().shutdownOutput();
            return null;
        });
        FutureTask<Integer> receiver = start(() -> {
            Io.receive(p.server(), pattern, 0, 3L * MORE_THAN_FITS / 2, 300_007);
            return p.server().read(ByteBuffer.allocate(1));
        });
        sender.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS);
        assertThat(receiver.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(-1);
    }
}
