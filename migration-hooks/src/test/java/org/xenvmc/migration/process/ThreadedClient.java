package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/** An {@link EchoClient} with two threads for each connection: one that writes and one that reads. */
final class ThreadedClient implements EchoClient {
    private static final int MAX_WRITE_BYTES = 200_000;
    private static final int MAX_READ_BYTES = 100_000;
    /** Bounds what lies between the two ends, so that a stream can be ended soon. */
    private static final long MAX_UNDERWAY_BYTES = 1 << 20;

    private static final long PAUSE_NS = 100_000;

    private final List<Session> sessions = new ArrayList<>();
    private volatile boolean stop;

    ThreadedClient(List<SocketChannel> channels, long seed) {
        for (int i = 0; i < channels.size(); i++) {
            sessions.add(new Session(channels.get(i), seed + i));
        }
    }

    private final class Session {
        private final SocketChannel channel;
        private final StreamPattern pattern;
        private final long seed;
        private final Background<Void> writer;
        private final Background<Void> reader;
        private volatile long sent;
        private volatile long received;

        Session(SocketChannel channel, long seed) {
            this.channel = channel;
            this.seed = seed;
            this.pattern = new StreamPattern(seed);
            this.writer = Background.run(this::write);
            this.reader = Background.run(this::read);
        }

        private void write() throws IOException {
            Random random = new Random(seed);
            ByteBuffer b = ByteBuffer.allocate(MAX_WRITE_BYTES);
            long offset = 0;
            while (!stop) {
                b.clear().limit(TestSeed.skewedLength(random, MAX_WRITE_BYTES));
                pattern.fill(b, offset);
                b.flip();
                int length = b.remaining();
                assertThat(channel.write(b)).as("bytes of a blocking write").isEqualTo(length);
                offset += length;
                sent = offset;
                while (!stop && offset - received > MAX_UNDERWAY_BYTES) {
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
            channel.shutdownOutput();
        }

        private void read() throws IOException {
            Random random = new Random(~seed);
            ByteBuffer b = ByteBuffer.allocateDirect(MAX_READ_BYTES);
            long offset = 0;
            while (channel.read(b.clear().limit(TestSeed.skewedLength(random, MAX_READ_BYTES))) >= 0) {
                b.flip();
                int n = b.remaining();
                pattern.verify(b, offset);
                offset += n;
                received = offset;
            }
        }

        void check() throws Exception {
            for (Background<Void> end : List.of(writer, reader)) {
                if (end.done()) {
                    end.result();
                    throw new AssertionError("the stream ended after " + received + " bytes");
                }
            }
        }

        long finish() throws Exception {
            writer.result();
            reader.result();
            assertThat(received).as("bytes that came back").isEqualTo(sent);
            channel.close();
            return sent;
        }
    }

    @Override
    public long received() {
        return sessions.stream().mapToLong(s -> s.received).sum();
    }

    @Override
    public void check() throws Exception {
        for (Session s : sessions) {
            s.check();
        }
    }

    @Override
    public long finish() throws Exception {
        stop = true;
        long sent = 0;
        for (Session s : sessions) {
            sent += s.finish();
        }
        return sent;
    }
}
