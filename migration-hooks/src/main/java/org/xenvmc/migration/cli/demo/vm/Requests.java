package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;

/**
 * Sends a small request every millisecond until it is told to end. Its time counts from when it should have been sent,
 * so that requests which wait for a late one are not forgotten.
 */
final class Requests {
    private static final long PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final InetSocketAddress server;
    private final Map<Path, Samples> times = new EnumMap<>(Path.class);
    private long wrong;
    private volatile boolean stop;
    private volatile long count;

    Requests(InetSocketAddress server) {
        this.server = server;
    }

    /** Ends after the present request. */
    void stop() {
        stop = true;
    }

    /** Answers so far. */
    long count() {
        return count;
    }

    /** Sends, and tells how long answers took on each path. */
    JsonObject send() throws IOException {
        try (SocketChannel channel = SocketChannel.open(server);
                Messages messages = new Messages(channel)) {
            long dueNs = System.nanoTime();
            while (!stop) {
                dueNs += PERIOD_NS;
                long startNs = waitUntil(dueNs);
                wrong += messages.exchange() ? 0 : 1;
                long tookNs = System.nanoTime() - startNs;
                Path path = VmcConnections.info(channel).sending().path();
                times.computeIfAbsent(path, p -> new Samples()).add(tookNs);
                count++;
            }
        }
        return result();
    }

    /** When a request's time begins: when it was due if that is past, else now, since timers are late themselves. */
    private long waitUntil(long dueNs) {
        long nowNs = System.nanoTime();
        if (nowNs - dueNs >= 0) {
            return dueNs;
        }
        while (!stop && nowNs - dueNs < 0) {
            LockSupport.parkNanos(dueNs - nowNs);
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    private JsonObject result() {
        return new JsonObject()
                .put("count", count)
                .put("wrong", wrong)
                .put(
                        "paths",
                        times.entrySet().stream()
                                .map(e -> new JsonObject()
                                        .put("path", e.getKey())
                                        .put("count", e.getValue().size())
                                        .put("p50Ns", e.getValue().quantile(0.5))
                                        .put("p99Ns", e.getValue().quantile(0.99))
                                        .put("maxNs", e.getValue().quantile(1)))
                                .toList());
    }
}
