package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;

/** A selector that asks while somebody holds the write lock for a moment must be told afterwards. */
@Timeout(60)
class WithoutWriterTest {
    private final WatchLoop loop = new WatchLoop(JdkSelectorProvider.get(), 3600, () -> {});
    private final AtomicInteger told = new AtomicInteger();
    private SocketChannel[] tcp;
    private Outgoing outgoing;

    @BeforeEach
    void begin() throws Exception {
        tcp = StreamPair.connect();
        StreamState state = new StreamState(new VmcContext().conclude(), new NeverBlocking());
        TcpLink link = new TcpLink(tcp[0], loop, new NoControl());
        outgoing = new Outgoing(state, link);
        outgoing.connect(new Incoming(state, link, outgoing, new FrameBuffers()));
        state.addListener(told::incrementAndGet);
    }

    @AfterEach
    void end() throws Exception {
        tcp[0].close();
        tcp[1].close();
        loop.close();
    }

    @Test
    void shouldTellASelectorThatAskedMeanwhile() throws Exception {
        FakeRing ring = new FakeRing(10);
        ring.receiver.ready();
        assertThat(outgoing.offer(ring.sender)).isTrue();
        assertThat(outgoing.write(ByteBuffer.allocate(5), false)).isEqualTo(5);
        int before = told.get();
        outgoing.withoutWriter(() -> {
            Thread selector = new Thread(() -> {
                if (outgoing.ready() || outgoing.arm()) {
                    throw new IllegalStateException("it cannot know");
                }
            });
            selector.start();
            try {
                selector.join(30_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(told.get()).isGreaterThan(before);
        assertThat(outgoing.ready()).isTrue();
    }

    private static final class NeverBlocking implements BlockingSection {
        @Override
        public void beginBlocking() {
            throw new IllegalStateException("nobody blocks in this test");
        }

        @Override
        public void endBlocking(boolean completed) {}
    }

    private static final class NoControl implements TcpLink.ControlPath {
        @Override
        public boolean controlReadable() {
            return false;
        }

        @Override
        public void outputDrained() {}

        @Override
        public void outputFailed(IOException error) {}
    }
}
