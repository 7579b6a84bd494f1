package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.ReasonCode;

/** Two ends of a loopback connection, threads that may block in them, and the rings that they were given. */
final class StreamPair {
    static final int RING_BYTES = 4096;

    final StreamEnd a;
    final StreamEnd b;
    private final List<FakeRing> rings = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(r, "test");
        t.setDaemon(true);
        return t;
    });

    StreamPair() throws IOException {
        this(new LingeringCloses());
    }

    /** With what the first end keeps after close. */
    StreamPair(LingeringCloses closes) throws IOException {
        SocketChannel[] tcp = connect();
        a = new StreamEnd(tcp[0], true, closes);
        b = new StreamEnd(tcp[1], false);
    }

    /** A loopback connection of the JDK's channels. */
    static SocketChannel[] connect() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel client = SocketChannel.open(server.getLocalAddress());
            return new SocketChannel[] {client, server.accept()};
        }
    }

    FakeRing ring() {
        return ring(RING_BYTES);
    }

    FakeRing ring(int capacity) {
        FakeRing r = new FakeRing(capacity);
        rings.add(r);
        return r;
    }

    /** What from sends next goes through a new ring. */
    FakeRing upgrade(StreamEnd from, StreamEnd to) {
        FakeRing r = ring();
        until(from.stream::senderDrained);
        until(() -> to.tryReceiveOn(r)); // refused while the ring of before is not read to its end
        from.sendOn(r);
        return r;
    }

    /** What from sends next goes through TCP; the receiver's manager takes the rest of the ring away. */
    void downgrade(StreamEnd from, StreamEnd to) {
        assertThat(from.stream.leaveSender(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(to.stream.leaveReceiver(ReasonCode.MIGRATING, StreamEnd.LIMIT_NS))
                .isTrue();
        assertThat(from.stream.senderDrained()).isTrue();
    }

    <T> Future<T> start(Callable<T> task) {
        return threads.submit(task);
    }

    static <T> T result(Future<T> f) throws Exception {
        return f.get(30, TimeUnit.SECONDS);
    }

    /** Waits for a condition; looks often, because many tests wait many times. */
    static void until(Callable<Boolean> condition) {
        await().pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(Duration.ofSeconds(20))
                .until(condition);
    }

    /** Until a thread waits in this end of a ring. */
    static void awaitParked(FakeRingEnd end) {
        until(() -> end.waiting() > 0);
    }

    void close() throws Exception {
        a.close();
        b.close();
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS))
                .as("a thread stays blocked after close")
                .isTrue();
        for (FakeRing r : rings) {
            assertThat(r.misuses).isEmpty();
            assertThat(r.receiver.released()).as("receiving end released").isTrue();
            assertThat(r.sender.released()).as("sending end released").isTrue();
        }
    }
}
