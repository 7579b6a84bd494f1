package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

/**
 * {@code SelectionKey.OP_READ}: "has reached end-of-stream, has been remotely shut down for further reading, or has an
 * error pending"; {@code OP_WRITE} likewise. Whoever waits in a selector is told, however the end came, and every time.
 */
class SelectedEndContractTest extends Contract {
    private final StreamPattern pattern = new StreamPattern(44);
    private SocketChannel near;
    private SocketChannel far;
    private Selector selector;
    private SelectionKey key;

    @BeforeEach
    void register() throws Exception {
        Pair p = pair().blocking(false);
        near = p.client();
        far = p.server();
        selector = world.selector(near);
        key = near.register(selector, 0);
    }

    /** Selects with this interest in the background, until something is selected. */
    private Background<Integer> selecting(int ops) {
        key.interestOps(ops);
        return Background.start(() -> {
                    while (selector.selectedKeys().isEmpty()) {
                        selector.select();
                    }
                    return key.readyOps();
                })
                .insideOf("select");
    }

    private void assertReadsTheEndAgainAndAgain() throws IOException {
        for (int i = 0; i < 3; i++) {
            Io.selectUntil(selector, key, OP_READ);
            assertThat(Io.readSome(near)).isEqualTo(-1);
            selector.selectedKeys().clear();
        }
    }

    @Test
    void shouldWakeAReaderWhenItsInputIsShutDown() throws Exception {
        Background<Integer> selecting = selecting(OP_READ);
        near.shutdownInput();
        assertThat(selecting.result()).isEqualTo(OP_READ);
        assertReadsTheEndAgainAndAgain();
    }

    @Test
    void shouldWakeAReaderWhenThePeerShutsDownItsOutput() throws Exception {
        Background<Integer> selecting = selecting(OP_READ);
        far.shutdownOutput();
        assertThat(selecting.result()).isEqualTo(OP_READ);
        assertReadsTheEndAgainAndAgain();
    }

    @Test
    void shouldWakeAReaderWhenThePeerCloses() throws Exception {
        Background<Integer> selecting = selecting(OP_READ);
        far.close();
        assertThat(selecting.result()).isEqualTo(OP_READ);
        assertReadsTheEndAgainAndAgain();
    }

    /** Nothing fits any more, and nobody reads. */
    @Test
    void shouldWakeAWriterWhenItsOutputIsShutDown() throws Exception {
        Io.fill(near, pattern);
        Background<Integer> selecting = selecting(OP_WRITE);
        near.shutdownOutput();
        assertThat(selecting.result()).isEqualTo(OP_WRITE);
        assertThatThrownBy(() -> near.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldWakeAWriterWhenThePeerClosesWithBytesUnread() throws Exception {
        Io.fill(near, pattern);
        Background<Integer> selecting = selecting(OP_WRITE);
        far.close();
        assertThat(selecting.result()).isEqualTo(OP_WRITE);
        assertThatThrownBy(() -> near.write(pattern.bytes(0, 10))).isInstanceOf(IOException.class);
    }

    /** The direction that is full does not hide the end of the other, nor does the end make it writable. */
    @Test
    void shouldReportTheEndBesideADirectionThatIsFull() throws Exception {
        long written = Io.fill(near, pattern);
        Background<Integer> selecting = selecting(OP_READ | OP_WRITE);
        far.shutdownOutput();
        assertThat(selecting.result() & OP_READ).isEqualTo(OP_READ);
        assertReadsTheEndAgainAndAgain();
        far.configureBlocking(true);
        Io.receive(far, pattern, 0, written, 64 * 1024);
        Io.selectUntil(selector, key, OP_READ | OP_WRITE);
        assertThat(near.write(pattern.bytes(written, 100))).isEqualTo(100);
        Io.receive(far, pattern, written, written + 100, 100);
    }

    /** The last bytes and the end come together; both are reported, one after the other. */
    @Test
    void shouldReportWhatComesBeforeTheEndAndThenTheEnd() throws Exception {
        far.write(pattern.bytes(0, 700));
        far.shutdownOutput();
        key.interestOps(OP_READ);
        ByteBuffer some = ByteBuffer.allocate(100);
        for (int offset = 0; offset < 700; ) {
            Io.selectUntil(selector, key, OP_READ);
            int n = near.read(some.clear());
            assertThat(n).isPositive();
            pattern.verify(some.flip(), offset);
            offset += n;
            selector.selectedKeys().clear();
        }
        assertReadsTheEndAgainAndAgain();
    }

    /** Without interest nothing is reported; with it, what has been the case all the time. */
    @Test
    void shouldReportTheEndWhenInterestComesLate() throws Exception {
        far.shutdownOutput();
        key.interestOps(OP_READ);
        assertReadsTheEndAgainAndAgain();
        key.interestOps(0);
        assertThat(selector.selectNow()).isZero();
        key.interestOps(OP_READ);
        assertReadsTheEndAgainAndAgain();
        Selector other = world.selector(near);
        SelectionKey late = near.register(other, OP_READ);
        Io.selectUntil(other, late, OP_READ);
        key.cancel();
        selector.selectNow();
        key = near.register(selector, OP_READ);
        assertReadsTheEndAgainAndAgain();
    }
}
