package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.async.VmcAsynchronousChannelProvider;

/** What asynchronous channels promise, in every world; the JDK's provider is the reference. */
abstract class AsyncContract extends Contract {
    private static final int GROUP_THREADS = 2;

    final StreamPattern pattern = new StreamPattern(11);
    private final AtomicInteger threads = new AtomicInteger();

    AsynchronousChannelProvider clients;
    AsynchronousChannelProvider servers;
    AsynchronousChannelGroup clientGroup;
    AsynchronousChannelGroup serverGroup;
    AsynchronousServerSocketChannel listener;

    @BeforeEach
    void openGroups() throws IOException {
        clients = provider(world.client());
        servers = world.client() == world.server() ? clients : provider(world.server());
        clientGroup = fixedGroup(clients, GROUP_THREADS);
        serverGroup = fixedGroup(servers, GROUP_THREADS);
    }

    private AsynchronousChannelProvider provider(SelectorProvider channels) {
        return kind.isReference()
                ? AsynchronousChannelProvider.provider()
                : new VmcAsynchronousChannelProvider((VmcSelectorProvider) channels);
    }

    final AsynchronousChannelGroup fixedGroup(AsynchronousChannelProvider provider, int size) throws IOException {
        return tracked(provider.openAsynchronousChannelGroup(size, factory()));
    }

    /** A group on a pool that grows as needed. */
    final AsynchronousChannelGroup cachedGroup(AsynchronousChannelProvider provider, int initial) throws IOException {
        return tracked(provider.openAsynchronousChannelGroup(Executors.newCachedThreadPool(factory()), initial));
    }

    final ThreadFactory factory() {
        return task -> {
            Thread t = new Thread(task, "group-" + threads.incrementAndGet());
            t.setDaemon(true);
            return t;
        };
    }

    static boolean isGroupThread(Thread thread) {
        return thread.getName().startsWith("group-");
    }

    final AsynchronousChannelGroup tracked(AsynchronousChannelGroup group) {
        world.track(() -> {
            group.shutdownNow();
            assertThat(group.awaitTermination(Io.LIMIT_MS, TimeUnit.MILLISECONDS))
                    .as("termination of the group")
                    .isTrue();
        });
        return group;
    }

    final AsynchronousSocketChannel openAsync() throws IOException {
        return world.track(clients.openAsynchronousSocketChannel(clientGroup));
    }

    final AsynchronousServerSocketChannel listenAsync() throws IOException {
        return world.track(servers.openAsynchronousServerSocketChannel(serverGroup))
                .bind(world.anyPort());
    }

    final AsyncPair asyncPair() throws Exception {
        return asyncPair(clientGroup);
    }

    /** A new connection on the path that the world is about; nothing is pending. */
    final AsyncPair asyncPair(AsynchronousChannelGroup clientsGroup) throws Exception {
        if (listener == null) {
            listener = listenAsync();
        }
        AsynchronousSocketChannel client = world.track(clients.openAsynchronousSocketChannel(clientsGroup));
        Future<AsynchronousSocketChannel> accepted = listener.accept();
        get(client.connect(listener.getLocalAddress()));
        AsyncPair pair = new AsyncPair(client, world.track(get(accepted)));
        world.settled(pair.blocking());
        return pair;
    }

    /** The result, waited for with a limit. */
    static <T> T get(Future<T> future) throws Exception {
        try {
            return future.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the operation failed: " + e.getCause(), e.getCause());
        }
    }

    /** What made it fail, waited for with a limit. */
    static Throwable failure(Future<?> future) throws Exception {
        try {
            throw new AssertionError("the operation returned " + future.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Writes with handlers' rules aside: by futures, until nothing is left. */
    static void writeFully(AsynchronousSocketChannel channel, ByteBuffer src) throws Exception {
        while (src.hasRemaining()) {
            assertThat(get(channel.write(src))).isPositive();
        }
    }

    static String read(AsynchronousSocketChannel channel, int length) throws Exception {
        ByteBuffer b = ByteBuffer.allocate(length);
        while (b.hasRemaining()) {
            assertThat(get(channel.read(b))).isPositive();
        }
        return new String(b.array(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** Writes until a write waits; returns it and adds what was written before. */
    final Future<Integer> fillUntilPending(AsynchronousSocketChannel channel) throws Exception {
        ByteBuffer block = ByteBuffer.allocate(256 * 1024);
        while (true) {
            Future<Integer> write = channel.write(block.clear());
            try {
                write.get(300, TimeUnit.MILLISECONDS);
            } catch (java.util.concurrent.TimeoutException e) {
                return write;
            }
        }
    }
}
