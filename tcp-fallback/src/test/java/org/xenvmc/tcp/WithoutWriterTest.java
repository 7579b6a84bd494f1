package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.RingReceiver;
import org.xenvmc.transport.spi.RingSender;

/** Who comes while somebody holds a lock, or a ring that was handed over, for a moment must not come in vain. */
@Timeout(60)
class WithoutWriterTest {
    private final WatchLoop loop = new WatchLoop(JdkSelectorProvider.get(), 3600, () -> {});
    private final AtomicInteger told = new AtomicInteger();
    private SocketChannel[] tcp;
    private StreamState state;
    private Outgoing outgoing;
    private Incoming incoming;

    @BeforeEach
    void begin() throws Exception {
        tcp = StreamPair.connect();
        state = new StreamState(new VmcContext().conclude(), new NeverBlocking());
        TcpLink link = new TcpLink(tcp[0], loop, new NoControl());
        outgoing = new Outgoing(state, link);
        incoming = new Incoming(state, link, outgoing, new FrameBuffers());
        outgoing.connect(incoming);
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

    /** A writer that has lost its processor in the middle of a look: the ring of a peer that is gone stayed for ever. */
    @Test
    void shouldTakeARingBackWhenThePeerIsGoneWhileTheWriterHasItInHand() throws Exception {
        FakeRing ring = new FakeRing(10);
        assertThat(outgoing.offer(ring.sender)).isTrue();
        RingSender inHand = outgoing.offered.claim();
        Thread manager = new Thread(outgoing::receiverGone);
        manager.start();
        Awaitility.await().until(() -> manager.getState() != Thread.State.RUNNABLE);
        outgoing.offered.putBack(inHand);
        manager.join(30_000);
        assertThat(manager.isAlive()).isFalse();
        assertThat(outgoing.upgradable()).isTrue();
        assertThat(ring.misuses).isEmpty();
    }

    @Test
    void shouldForgetARingWhenThePeerIsGoneWhileTheReaderHasItInHand() throws Exception {
        FakeRing ring = new FakeRing(10);
        assertThat(incoming.attach(ring.receiver)).isTrue();
        RingReceiver inHand = incoming.attached.claim();
        Thread manager = new Thread(incoming::senderGone);
        manager.start();
        Awaitility.await().until(() -> manager.getState() != Thread.State.RUNNABLE);
        incoming.attached.putBack(inHand);
        manager.join(30_000);
        assertThat(manager.isAlive()).isFalse();
        assertThat(incoming.upgradable()).isTrue();
        assertThat(ring.misuses).isEmpty();
    }

    /** A selector looked whether the stream had ended, and then waited for the lock: it must not fail for all its channels. */
    @Test
    void shouldBeReadyWhenTheStreamEndedBeforeTheSelectorHadTheLock() throws Exception {
        FakeRing ring = new FakeRing(10);
        ring.sender.start(0);
        assertThat(incoming.attach(ring.receiver)).isTrue();
        assertThat(incoming.readyLocked()).isFalse();
        assertThat(incoming.path).isEqualTo(Path.SHARED_MEMORY);
        state.close();
        incoming.closeIfUnused();
        assertThat(incoming.readyLocked()).isTrue();
        assertThat(incoming.endReached()).isFalse();
        assertThat(ring.misuses).isEmpty();
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
