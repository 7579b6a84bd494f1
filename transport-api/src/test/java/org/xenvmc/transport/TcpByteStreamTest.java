package org.xenvmc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xenvmc.transport.World.bytes;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.World.Pair;
import org.xenvmc.transport.spi.ByteStream;

/** The stream over plain TCP, by itself. */
class TcpByteStreamTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long SHORT_NS = 1;

    private final World w = new World(JdkSelectorProvider.get());
    private final List<TcpByteStream> closed = new ArrayList<>();
    private Pair pair;
    private TcpByteStream stream;

    @BeforeEach
    void connect() throws IOException {
        pair = w.pair();
        stream = new TcpByteStream(pair.client(), true, closed::add);
    }

    @AfterEach
    void end() throws IOException {
        w.close();
    }

    @Test
    void shouldReadWithTimeoutIntoAnyBuffer() throws Exception {
        pair.server().write(bytes(1, 2, 3, 4, 5, 6));
        World.await(() -> stream.available() == 6);
        ByteBuffer slice = ByteBuffer.wrap(new byte[10], 3, 4).slice();
        slice.position(1).limit(3);
        assertThat(stream.read(slice, LONG_NS)).isEqualTo(2);
        assertThat(slice.array()).containsExactly(0, 0, 0, 0, 1, 2, 0, 0, 0, 0);
        assertThat(slice.remaining()).isZero();
        ByteBuffer direct = ByteBuffer.allocateDirect(2);
        assertThat(stream.read(direct, LONG_NS)).isEqualTo(2);
        assertThat(direct.get(1)).isEqualTo((byte) 4);
        ByteBuffer second = ByteBuffer.allocate(9);
        assertThat(stream.read(new ByteBuffer[] {null, bytes(), second}, 1, 2, LONG_NS))
                .isEqualTo(2);
        assertThat(second.position()).isEqualTo(2);
        assertThat(stream.read(bytes(), LONG_NS)).isZero();
        assertThat(stream.info().receiving().bytes()).isEqualTo(6);
    }

    @Test
    void shouldBeUnharmedByATimeout() throws Exception {
        assertThatThrownBy(() -> stream.read(bytes(0), SHORT_NS)).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocateDirect(1), SHORT_NS))
                .isInstanceOf(SocketTimeoutException.class);
        pair.server().write(bytes(1));
        assertThat(stream.read(bytes(0), ByteStream.FOREVER)).isEqualTo(1);
    }

    @Test
    void shouldEndTimedReadsAfterShutdownAndClose() throws Exception {
        stream.shutdownInput();
        assertThat(stream.read(bytes(0), LONG_NS)).isEqualTo(-1);
        assertThat(stream.available()).isZero();
        stream.close();
        assertThatThrownBy(() -> stream.read(bytes(0), LONG_NS)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> stream.available()).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> stream.write(bytes(0), true)).isInstanceOf(ClosedChannelException.class);
        assertThat(closed).containsExactly(stream);
        assertThat(stream.info().sending().reason()).isEqualTo(ReasonCode.CLOSED);
    }

    @Test
    void shouldSayThatItIsClosedWhenTheFirstTimedReadComesLater() throws Exception {
        stream.close();
        assertThatThrownBy(() -> stream.read(bytes(0), LONG_NS)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldLeaveReadinessToTcp() {
        int all = SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        assertThat(stream.readyOps(all)).isZero();
        assertThat(stream.arm(all)).isZero();
        for (int ops = 0; ops <= all; ops++) {
            assertThat(stream.tcpInterestOps(ops)).isEqualTo(ops);
            assertThat(stream.tcpReadyOps(ops)).isEqualTo(ops);
        }
    }

    @Test
    void shouldCountWhatWasWritten() throws Exception {
        stream.write(bytes(1, 2, 3), true);
        stream.write(new ByteBuffer[] {bytes(1), bytes(2), bytes(3)}, 1, 2, true);
        assertThat(stream.info().sending().bytes()).isEqualTo(5);
    }
}
