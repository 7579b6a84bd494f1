package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

class CloseContractTest extends Contract {
    private final StreamPattern pattern = new StreamPattern(7);

    @Test
    void shouldDeliverEverythingThenEndWhenClosed() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 40_000));
        p.client().close();
        Io.receive(p.server(), pattern, 0, 40_000, 3000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldDeliverEverythingThenEndWhenClosedAfterALongStream() throws Exception {
        Pair p = pair();
        int total = 6 << 20;
        Background<Void> writer = Background.run(() -> {
            Io.send(p.client(), pattern, 0, total, 111_111);
            p.client().close();
        });
        Io.receive(p.server(), pattern, 0, total, 64_000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        writer.result();
    }

    @Test
    void shouldThrowClosedChannelWhenUsedAfterClose() throws Exception {
        Pair p = pair();
        SocketChannel c = p.client();
        c.close();
        c.close();
        assertThat(c.isOpen()).isFalse();
        assertThat(c.isConnected()).isFalse();
        assertThatThrownBy(() -> Io.readSome(c)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.write(ByteBuffer.allocate(1))).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.read(new ByteBuffer[] {ByteBuffer.allocate(1)}))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.write(new ByteBuffer[] {ByteBuffer.allocate(1)}))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::finishConnect).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.connect(world.anyPort())).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.bind(null)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::getRemoteAddress).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.getOption(StandardSocketOptions.TCP_NODELAY))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.configureBlocking(false)).isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldThrowAsynchronousCloseWhenClosedDuringRead() throws Exception {
        for (Pair p : new Pair[] {pair(), pair().swapped()}) {
            Background<Integer> reader =
                    Background.start(() -> Io.readSome(p.client())).insideOf("read");
            p.client().close();
            assertThat(reader.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
            assertThat(Io.readSome(p.server())).as("an end and no reset").isEqualTo(-1);
        }
    }

    @Test
    void shouldReturnWhatWasWrittenWhenClosedDuringWrite() throws Exception {
        Pair p = pair();
        ByteBuffer large = pattern.bytes(0, 64 << 20);
        Background<Integer> writer =
                Background.start(() -> p.client().write(large)).insideOf("write");
        p.client().close();
        int written = writer.result();
        assertThat(written).isPositive().isLessThan(64 << 20);
        assertThat(large.position()).isEqualTo(written);
        Io.receive(p.server(), pattern, 0, written, 100_000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldEndBlockedReadWhenPeerCloses() throws Exception {
        Pair p = pair();
        Background<Integer> reader =
                Background.start(() -> Io.readSome(p.client())).insideOf("read");
        p.server().close();
        assertThat(reader.result()).isEqualTo(-1);
    }

    @Test
    void shouldReturnWhatWasWrittenWhenPeerClosesDuringWrite() throws Exception {
        Pair p = pair();
        Background<Integer> writer = Background.start(() -> p.client().write(pattern.bytes(0, 64 << 20)))
                .insideOf("write");
        p.server().close();
        assertThat(writer.result()).isPositive().isLessThan(64 << 20);
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(1))).isInstanceOf(java.io.IOException.class);
    }

    @Test
    void shouldNotWaitForReaderWhenClosed() throws Exception {
        Pair p = pair();
        p.client().configureBlocking(false);
        long written = Io.fill(p.client(), pattern);
        p.client().close();
        Io.receive(p.server(), pattern, 0, written, 64_000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldCloseThroughAdaptorAndStreams() throws Exception {
        Pair p = pair();
        p.client().socket().getOutputStream().close();
        assertThat(p.client().isOpen()).isFalse();
        assertThat(p.client().socket().isClosed()).isTrue();
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        p.server().socket().close();
        assertThat(p.server().isOpen()).isFalse();
    }

    @Test
    void shouldCloseOnceWhenManyThreadsClose() throws Exception {
        for (int i = 0; i < 20; i++) {
            Pair p = world.plainPair();
            Io.write(p.client(), "last");
            Background<Void> a = Background.run(p.client()::close);
            Background<Void> b = Background.run(p.client()::close);
            p.client().close();
            a.result();
            b.result();
            assertThat(Io.read(p.server(), 4)).isEqualTo("last");
            assertThat(Io.readSome(p.server())).isEqualTo(-1);
        }
    }

    @Test
    void shouldDeliverEverythingWhenConnectionsAreShort() throws Exception {
        for (int i = 0; i < 100; i++) {
            Pair p = world.plainPair();
            int size = 1 + i * 37;
            p.client().write(pattern.bytes(i, size));
            Io.receive(p.server(), pattern, i, i + size, size);
            p.server().write(pattern.bytes(i, 2 * size));
            p.server().close();
            Io.receive(p.client(), pattern, i, i + 2L * size, size);
            assertThat(Io.readSome(p.client())).isEqualTo(-1);
            p.client().close();
        }
    }
}
