package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Io;

class AsyncGroupContractTest extends AsyncContract {
    @Test
    void shouldThrowWhenMadeOfNothing() {
        assertThatThrownBy(() -> clients.openAsynchronousChannelGroup(0, factory()))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> clients.openAsynchronousChannelGroup(1, null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> clients.openAsynchronousChannelGroup(null, 1))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void shouldInvokeHandlersOnTheirThreadsWhenTheGroupsPoolGrows() throws Exception {
        for (int initial : new int[] {0, 1, -1}) {
            AsyncPair p = asyncPair(cachedGroup(clients, initial));
            echoesComeBy(p, "group-");
        }
    }

    @Test
    void shouldInvokeHandlersOnTheirThreadsWhenTheGroupHasAnyPool() throws Exception {
        ExecutorService own = Executors.newFixedThreadPool(2, r -> new Thread(r, "test-own"));
        AsyncPair p = asyncPair(tracked(clients.openAsynchronousChannelGroup(own, 0)));
        echoesComeBy(p, "test-own");
    }

    /** Not in the specification; but the JDK's groups are executors, and frameworks use them as such. */
    @Test
    void shouldRunTasksOfTheApplicationAsAnExecutor() throws Exception {
        for (AsynchronousChannelGroup group : new AsynchronousChannelGroup[] {clientGroup, cachedGroup(clients, 1)}) {
            AtomicReference<Thread> ran = new AtomicReference<>();
            CountDownLatch done = new CountDownLatch(1);
            ((Executor) group).execute(() -> {
                ran.set(Thread.currentThread());
                done.countDown();
            });
            assertThat(done.await(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(isGroupThread(ran.get())).isTrue();
        }
    }

    /** Reads by handlers in a chain; all of them run where they should. */
    private static void echoesComeBy(AsyncPair p, String threads) throws Exception {
        for (int i = 0; i < 5; i++) {
            Recorder<Integer> pending = new Recorder<>();
            p.client().read(ByteBuffer.allocate(1), null, pending);
            writeFully(p.server(), Io.text("x"));
            assertThat(pending.result()).isEqualTo(1);
            assertThat(pending.thread().getName()).startsWith(threads);
            Recorder<Integer> atOnce = new Recorder<>();
            p.client().write(Io.text("y"), null, atOnce);
            assertThat(atOnce.result()).isEqualTo(1);
            assertThat(atOnce.thread().getName()).startsWith(threads);
            assertThat(read(p.server(), 1)).isEqualTo("y");
        }
    }

    /** Writes single bytes in handlers; notes in which thread and how deep in the stack each is invoked. */
    private static final class Chain implements CompletionHandler<Integer, Integer> {
        final AsynchronousSocketChannel channel;
        final Set<Integer> depths = ConcurrentHashMap.newKeySet();
        final Set<Thread> threads = ConcurrentHashMap.newKeySet();
        final CountDownLatch done = new CountDownLatch(1);
        final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);

        Chain(AsynchronousSocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void completed(Integer n, Integer left) {
            depth.set(depth.get() + 1);
            try {
                depths.add(depth.get());
                threads.add(Thread.currentThread());
                if (left == 0) {
                    done.countDown();
                } else {
                    channel.write(ByteBuffer.allocate(1), left - 1, this);
                }
            } finally {
                depth.set(depth.get() - 1);
            }
        }

        @Override
        public void failed(Throwable failure, Integer left) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void shouldInvokeOnTheInitiatingThreadAndNotTooDeepWhenItIsOneOfTheGroups() throws Exception {
        AsyncPair p = asyncPair(fixedGroup(clients, 1));
        Chain chain = new Chain(p.client());
        p.client().write(ByteBuffer.allocate(1), 2_000, chain);
        assertThat(chain.done.await(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(chain.threads).hasSize(1);
        assertThat(chain.depths).contains(2); // directly
        assertThat(chain.depths).allMatch(d -> d <= 40); // and not without end
    }

    @Test
    void shouldServeOthersWhenAHandlerBlocks() throws Exception {
        AsynchronousChannelGroup group = fixedGroup(clients, 2);
        AsyncPair blocked = asyncPair(group);
        AsyncPair other = asyncPair(group);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        blocked.client().read(ByteBuffer.allocate(1), null, new CompletionHandler<Integer, Object>() {
            @Override
            public void completed(Integer n, Object a) {
                inside.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void failed(Throwable t, Object a) {
                throw new AssertionError(t);
            }
        });
        writeFully(blocked.server(), Io.text("x"));
        assertThat(inside.await(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        try {
            for (int i = 0; i < 10; i++) {
                Recorder<Integer> handler = new Recorder<>();
                other.client().read(ByteBuffer.allocate(1), null, handler);
                writeFully(other.server(), Io.text("x"));
                assertThat(handler.result()).isEqualTo(1);
            }
        } finally {
            release.countDown();
        }
    }

    @Test
    void shouldGoOnWhenAHandlerThrows() throws Exception {
        AtomicInteger uncaught = new AtomicInteger();
        AtomicReference<Throwable> last = new AtomicReference<>();
        AsynchronousChannelGroup group = tracked(clients.openAsynchronousChannelGroup(1, r -> {
            Thread t = new Thread(r, "test-throwing");
            t.setUncaughtExceptionHandler((thread, e) -> {
                last.set(e);
                uncaught.incrementAndGet();
            });
            return t;
        }));
        AsyncPair p = asyncPair(group);
        for (int i = 1; i <= 3; i++) {
            p.client().read(ByteBuffer.allocate(1), null, new CompletionHandler<Integer, Object>() {
                @Override
                public void completed(Integer n, Object a) {
                    throw new IllegalStateException("thrown by the test");
                }

                @Override
                public void failed(Throwable t, Object a) {
                    throw new AssertionError(t);
                }
            });
            writeFully(p.server(), Io.text("x"));
            int expected = i;
            org.awaitility.Awaitility.await().until(() -> uncaught.get() == expected);
        }
        assertThat(last.get()).hasMessage("thrown by the test");
        echoesComeBy(p, "test-throwing");
    }

    @Test
    void shouldTerminateWithTheLastChannelWhenShutDown() throws Exception {
        AsynchronousChannelGroup group = fixedGroup(clients, 2);
        AsyncPair p = asyncPair(group);
        assertThat(group.isShutdown()).isFalse();
        group.shutdown();
        group.shutdown(); // no effect
        assertThat(group.isShutdown()).isTrue();
        assertThat(group.isTerminated()).isFalse();
        assertThat(group.awaitTermination(10, TimeUnit.MILLISECONDS)).isFalse();
        echoesComeBy(p, "group-"); // what is open is not disturbed
        p.client().close();
        assertThat(group.awaitTermination(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(group.isTerminated()).isTrue();
    }

    @Test
    void shouldTerminateAtOnceWhenThereIsNoChannel() throws Exception {
        for (AsynchronousChannelGroup group :
                new AsynchronousChannelGroup[] {fixedGroup(clients, 1), cachedGroup(clients, 0), cachedGroup(clients, 2)
                }) {
            group.shutdown();
            assertThat(group.awaitTermination(Io.LIMIT_MS, TimeUnit.MILLISECONDS))
                    .isTrue();
            assertThat(group.isTerminated()).isTrue();
        }
    }

    @Test
    void shouldCloseAllChannelsWhenShutDownNow() throws Exception {
        for (AsynchronousChannelGroup group :
                new AsynchronousChannelGroup[] {fixedGroup(clients, 1), cachedGroup(clients, 1)}) {
            AsyncPair a = asyncPair(group);
            AsyncPair b = asyncPair(group);
            Recorder<Integer> pending = new Recorder<>();
            a.client().read(ByteBuffer.allocate(1), null, pending);
            group.shutdownNow();
            assertThat(a.client().isOpen() || b.client().isOpen()).isFalse();
            assertThat(pending.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
            assertThat(group.isShutdown()).isTrue();
            assertThat(group.awaitTermination(Io.LIMIT_MS, TimeUnit.MILLISECONDS))
                    .isTrue();
            assertThat(get(b.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
            group.shutdownNow(); // no effect
        }
    }

    @Test
    void shouldRunManyConnectionsWhenTheGroupHasOneThread() throws Exception {
        AsynchronousChannelGroup group = fixedGroup(clients, 1);
        AsyncPair[] pairs = new AsyncPair[8];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = asyncPair(group);
        }
        for (int round = 0; round < 20; round++) {
            Recorder<?>[] reads = new Recorder<?>[pairs.length];
            for (int i = 0; i < pairs.length; i++) {
                Recorder<Integer> r = new Recorder<>();
                pairs[i].client().read(ByteBuffer.allocate(1), i, r);
                reads[i] = r;
            }
            for (int i = pairs.length - 1; i >= 0; i--) {
                writeFully(pairs[i].server(), Io.text("x"));
            }
            for (int i = 0; i < pairs.length; i++) {
                assertThat(reads[i].result()).isEqualTo(1);
                assertThat(reads[i].attachment()).isEqualTo(i);
            }
        }
    }
}
