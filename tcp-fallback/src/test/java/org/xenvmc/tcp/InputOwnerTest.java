package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.JdkSelectorProvider;

/** While a stream is on framed TCP its readers own the TCP input, whatever else the loop does for it. */
@Timeout(60)
class InputOwnerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final WatchLoop loop = new WatchLoop(JdkSelectorProvider.get(), 3600, () -> {});
    private final AtomicInteger readByTheLoop = new AtomicInteger();
    private SocketChannel[] tcp;
    private TcpLink link;

    @BeforeEach
    void begin() throws Exception {
        tcp = StreamPair.connect();
        tcp[0].configureBlocking(false);
        tcp[0].setOption(StandardSocketOptions.SO_SNDBUF, 8 * 1024);
        link = new TcpLink(tcp[0], loop, new Control());
    }

    @AfterEach
    void end() throws Exception {
        tcp[0].close();
        tcp[1].close();
        loop.close();
    }

    @Test
    void shouldLeaveTheInputAloneWhenKeptBytesAreSentWhileTheLinkIsInOtherHands() throws Exception {
        ByteBuffer much = ByteBuffer.allocate(8 << 20);
        link.writeOrKeep(much);
        assertThat(link.hasPending()).isTrue();
        link.lock.lock(); // as a reader does, for a moment, that waits for the application's mode
        try {
            takeAll(much.capacity());
            Awaitility.await("kept bytes are sent").atMost(LIMIT).until(() -> !link.hasPending());
            turn(); // the loop has done what follows from that
            tcp[1].write(ByteBuffer.allocate(100));
            Awaitility.await("input")
                    .atMost(LIMIT)
                    .until(() -> tcp[0].socket().getInputStream().available() == 100);
            turn();
            turn(); // it has looked at all channels since the input came
        } finally {
            link.lock.unlock();
        }
        assertThat(readByTheLoop).hasValue(0);
    }

    private void takeAll(int bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
        for (int left = bytes; left > 0; ) {
            int n = tcp[1].read(chunk.clear());
            assertThat(n).isPositive();
            left -= n;
        }
    }

    /** Waits until the loop has been awake. */
    private void turn() throws Exception {
        CompletableFuture<Void> turned = new CompletableFuture<>();
        loop.watch(tcp[1], ops -> 0).execute(() -> turned.complete(null));
        turned.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void shouldEndATimedReadWhenTheModeChangesMeanwhile() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> changing = CompletableFuture.runAsync(() -> {
            try {
                for (boolean block = true; !done.get(); block = !block) {
                    link.configureBlocking(block);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            for (int i = 0; i < 500; i++) {
                assertThat(readNothing()).isZero();
            }
        } finally {
            done.set(true);
        }
        changing.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private int readNothing() throws IOException {
        try {
            return link.read(ByteBuffer.allocate(10), 1_000_000);
        } catch (SocketTimeoutException e) {
            return 0;
        }
    }

    private final class Control implements TcpLink.ControlPath {
        @Override
        public boolean controlReadable() {
            readByTheLoop.incrementAndGet();
            return false;
        }

        @Override
        public void outputDrained() {}

        @Override
        public void outputFailed(IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
