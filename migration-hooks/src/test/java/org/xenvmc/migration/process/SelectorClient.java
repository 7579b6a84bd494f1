package org.xenvmc.migration.process;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/** An {@link EchoClient} with one thread and one selector for all connections. */
final class SelectorClient implements EchoClient {
    private static final int MAX_WRITE_BYTES = 200_000;
    private static final int READ_BYTES = 50_000;
    private static final long MAX_UNDERWAY_BYTES = 1 << 20;

    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
    private final Background<Void> loop;
    private int open;
    private volatile boolean stop;
    private volatile long sent;
    private volatile long received;

    SelectorClient(Selector selector, List<SocketChannel> channels, long seed) throws IOException {
        this.selector = selector;
        for (SocketChannel c : channels) {
            c.configureBlocking(false);
            c.register(selector, OP_READ | OP_WRITE, new Session(c, seed + open++));
        }
        loop = Background.run(this::run);
    }

    private static final class Session {
        final SocketChannel channel;
        final StreamPattern pattern;
        final Random random;
        ByteBuffer out = ByteBuffer.allocate(0);
        long filled;
        long received;
        boolean ended;

        Session(SocketChannel channel, long seed) {
            this.channel = channel;
            this.pattern = new StreamPattern(seed);
            this.random = new Random(seed);
        }
    }

    private void run() throws IOException {
        while (open > 0) {
            selector.select(key -> {
                try {
                    serve(key, (Session) key.attachment());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written by the loop only
    private void serve(SelectionKey key, Session s) throws IOException {
        if (key.isReadable() && !read(s)) {
            assertThat(s.ended).as("the end came back before it was sent").isTrue();
            assertThat(s.received).as("bytes that came back").isEqualTo(s.filled);
            s.channel.close();
            open--;
            return;
        }
        if (key.isWritable()) {
            write(s);
        }
        boolean mayWrite = s.out.hasRemaining() || (!s.ended && s.filled - s.received < MAX_UNDERWAY_BYTES);
        key.interestOps(OP_READ | (mayWrite ? OP_WRITE : 0));
    }

    private boolean read(Session s) throws IOException {
        int n = s.channel.read(in.clear());
        if (n > 0) {
            s.pattern.verify(in.flip(), s.received);
            s.received += n;
            received += n;
        }
        return n >= 0;
    }

    private void write(Session s) throws IOException {
        if (!s.out.hasRemaining() && !stop) {
            s.out = s.pattern.bytes(s.filled, TestSeed.skewedLength(s.random, MAX_WRITE_BYTES));
            s.filled += s.out.remaining();
        }
        sent += s.channel.write(s.out);
        if (stop && !s.out.hasRemaining() && !s.ended) {
            s.channel.shutdownOutput();
            s.ended = true;
        }
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public void check() throws Exception {
        if (loop.done()) {
            loop.result();
            throw new AssertionError("all streams ended after " + received + " bytes");
        }
    }

    @Override
    public long finish() throws Exception {
        stop = true;
        loop.result();
        selector.close();
        assertThat(received).isEqualTo(sent);
        return sent;
    }
}
