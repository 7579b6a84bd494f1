package org.xenvmc.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** What a scenario needs: connections and threads that end with it, and waiting with a limit. */
final class World implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** Native methods of the JDK in which a thread waits. */
    private static final Set<String> WAITING =
            Set.of("read0", "readv0", "write0", "writev0", "accept", "poll", "wait", "connect", "pollConnect");

    final SelectorProvider provider;

    private final Deque<Closeable> open = new ArrayDeque<>();
    private final List<Thread> threads = new ArrayList<>();

    World(SelectorProvider provider) {
        this.provider = provider;
    }

    <C extends Closeable> C keep(C closeable) {
        synchronized (open) {
            open.push(closeable);
        }
        return closeable;
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    ServerSocketChannel listener() throws IOException {
        return keep(provider.openServerSocketChannel()).bind(anyPort());
    }

    SocketChannel socket() throws IOException {
        return keep(provider.openSocketChannel());
    }

    Selector selector() throws IOException {
        return keep(provider.openSelector());
    }

    /** Two ends of a connection. */
    record Pair(SocketChannel client, SocketChannel server) {
        Pair nonBlocking() throws IOException {
            client.configureBlocking(false);
            server.configureBlocking(false);
            return this;
        }
    }

    Pair pair() throws IOException {
        try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
            listener.bind(anyPort());
            SocketChannel client = socket();
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.connect(listener.getLocalAddress());
            return new Pair(client, keep(listener.accept()));
        }
    }

    /** An address where nobody listens. */
    InetSocketAddress deadAddress() throws IOException {
        try (ServerSocketChannel listener = JdkSelectorProvider.get().openServerSocketChannel()) {
            listener.bind(anyPort());
            return (InetSocketAddress) listener.getLocalAddress();
        }
    }

    /** What another thread came to; its outcome can be noted when it has ended. */
    final class Background {
        final Thread thread;
        private final CompletableFuture<String> outcome = new CompletableFuture<>();

        Background(Callable<?> action) {
            thread = new Thread(() -> outcome.complete(Transcript.outcome(action)), "background");
            thread.setDaemon(true);
            synchronized (threads) {
                threads.add(thread);
            }
            thread.start();
        }

        String outcome() throws Exception {
            return outcome.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        boolean isDone() {
            return outcome.isDone();
        }

        /** Until the thread is in a system call of a channel or selector that waits. */
        Background blocked() {
            await(() -> isDone() || inSystemCall());
            return this;
        }

        boolean inSystemCall() {
            StackTraceElement[] stack = thread.getStackTrace();
            return stack.length > 0
                    && stack[0].isNativeMethod()
                    && stack[0].getClassName().startsWith("sun.nio.ch.")
                    && WAITING.contains(stack[0].getMethodName());
        }
    }

    Background background(Callable<?> action) {
        return new Background(action);
    }

    static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(2)).until(condition);
    }

    static ByteBuffer bytes(int... values) {
        ByteBuffer b = ByteBuffer.allocate(values.length);
        for (int v : values) {
            b.put((byte) v);
        }
        return b.flip();
    }

    /** Writes until the channel, non-blocking, takes no more. */
    static long fill(SocketChannel channel) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(64 * 1024);
        long total = 0;
        for (int n; (n = channel.write(b.clear())) > 0; ) {
            total += n;
        }
        return total;
    }

    static <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        channel.configureBlocking(false);
        return channel;
    }

    @Override
    public void close() throws IOException {
        synchronized (open) {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
        synchronized (threads) {
            for (Thread t : threads) {
                t.interrupt();
            }
            for (Thread t : threads) {
                join(t);
            }
        }
    }

    private static void join(Thread t) {
        try {
            t.join(LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (t.isAlive()) {
            throw new AssertionError("thread still runs: " + List.of(t.getStackTrace()));
        }
    }
}
