package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;

/** The demo's client: measures its connections to the server. Used by one thread. */
final class Client implements AutoCloseable {
    private static final long PATH_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

    private final InetSocketAddress server;
    private final SocketChannel plain;
    private final SocketChannel ours;
    private final ByteBuffer data;

    /** Connects to a server whose ports are in {@code where}. */
    Client(JsonObject where, java.nio.file.Path file) throws IOException {
        server = loopback(where.number("port"));
        plain = JdkSelectorProvider.get().openSocketChannel();
        plain.connect(loopback(where.number("plainPort")));
        ours = SocketChannel.open(server);
        try (FileChannel in = FileChannel.open(file)) {
            data = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size()).load();
        }
    }

    private static InetSocketAddress loopback(long port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Math.toIntExact(port));
    }

    InetSocketAddress server() {
        return server;
    }

    /** Measures throughput and latency on a path: a {@link Path}, or JDK for the JDK's own channel. */
    JsonObject measure(String path, long ms) throws IOException {
        if (path.equals("JDK")) {
            return measure(plain, ms);
        }
        Path wanted = Path.valueOf(path);
        if (wanted == Path.TCP) {
            // once upgraded, a connection goes back to frames and never to bare TCP: this takes a new one
            try (SocketChannel fresh = SocketChannel.open(server)) {
                return awaitAndMeasure(fresh, wanted, ms);
            }
        }
        return awaitAndMeasure(ours, wanted, ms);
    }

    private JsonObject awaitAndMeasure(SocketChannel channel, Path wanted, long ms) throws IOException {
        long startNs = System.nanoTime();
        awaitPath(channel, wanted);
        long awaitedNs = System.nanoTime() - startNs;
        return measure(channel, ms).put("awaitedNs", awaitedNs);
    }

    /** Exchanges messages until both directions are on the path. */
    private static void awaitPath(SocketChannel channel, Path wanted) throws IOException {
        long startNs = System.nanoTime();
        try (Messages messages = new Messages(channel)) {
            do {
                if (!messages.exchange()) {
                    throw new IOException("an answer differs from its request while waiting for " + wanted);
                }
                ConnectionInfo info = VmcConnections.info(channel);
                if (info.sending().path() == wanted && info.receiving().path() == wanted) {
                    return;
                }
            } while (System.nanoTime() - startNs < PATH_LIMIT_NS);
        }
        ConnectionInfo info = VmcConnections.info(channel);
        throw new IOException("the connection did not come to " + wanted + " within "
                + TimeUnit.NANOSECONDS.toSeconds(PATH_LIMIT_NS) + " s: sending " + describe(info.sending())
                + ", receiving "
                + describe(info.receiving()));
    }

    private static String describe(Direction d) {
        return "by " + d.path() + " (" + d.reason() + ": " + d.reason().explanation() + ")";
    }

    private JsonObject measure(SocketChannel channel, long ms) throws IOException {
        JsonObject result = new JsonObject();
        stream(channel, ms, result);
        exchange(channel, ms, result);
        return result;
    }

    private void stream(SocketChannel channel, long ms, JsonObject result) throws IOException {
        long limitNs = TimeUnit.MILLISECONDS.toNanos(ms);
        long bytes = 0;
        long startNs = System.nanoTime();
        long tookNs;
        do {
            Wire.sendHead(channel, Wire.SINK, data.capacity());
            ByteBuffer source = data.duplicate();
            for (int at = 0; at < data.capacity(); at += Wire.CHUNK_BYTES) {
                source.limit(Math.min(data.capacity(), at + Wire.CHUNK_BYTES)).position(at);
                Wire.writeAll(channel, source);
            }
            bytes += Wire.receiveNumber(channel);
            tookNs = System.nanoTime() - startNs;
        } while (tookNs < limitNs);
        result.put("bytes", bytes).put("bytesPerSecond", bytes * 1e9 / tookNs);
    }

    private static void exchange(SocketChannel channel, long ms, JsonObject result) throws IOException {
        long limitNs = TimeUnit.MILLISECONDS.toNanos(ms);
        Samples times = new Samples();
        long wrong = 0;
        try (Messages messages = new Messages(channel)) {
            long startNs = System.nanoTime();
            long beforeNs = startNs;
            while (beforeNs - startNs < limitNs && !times.isFull()) {
                wrong += messages.exchange() ? 0 : 1;
                long afterNs = System.nanoTime();
                times.add(afterNs - beforeNs);
                beforeNs = afterNs;
            }
        }
        result.put("requests", times.size())
                .put("wrong", wrong)
                .put("p50Ns", times.quantile(0.5))
                .put("p99Ns", times.quantile(0.99));
    }

    @Override
    public void close() throws IOException {
        plain.close();
        ours.close();
    }
}
