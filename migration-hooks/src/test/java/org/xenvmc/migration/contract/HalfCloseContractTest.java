package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

class HalfCloseContractTest extends Contract {
    private static final int LARGE = 4 << 20;

    private final StreamPattern pattern = new StreamPattern(6);

    @Test
    void shouldDeliverEverythingThenEndWhenOutputIsShutDown() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 30_000));
        assertThat(p.client().shutdownOutput()).isSameAs(p.client());
        Io.receive(p.server(), pattern, 0, 30_000, 1000);
        for (int i = 0; i < 3; i++) {
            assertThat(Io.readSome(p.server())).isEqualTo(-1);
        }
    }

    @Test
    void shouldDeliverEverythingThenEndWhenShutDownAfterALongStream() throws Exception {
        Pair p = pair();
        Background<Void> writer = Background.run(() -> {
            Io.send(p.server(), pattern, 0, LARGE, 100_000);
            p.server().shutdownOutput();
        });
        Io.receive(p.client(), pattern, 0, LARGE, 33_333);
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        writer.result();
    }

    @Test
    void shouldKeepTheOtherDirectionWhenOutputIsShutDown() throws Exception {
        Pair p = pair();
        p.client().shutdownOutput();
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        Background<Void> writer = Background.run(() -> Io.send(p.server(), pattern, 0, LARGE, 20_000));
        Io.receive(p.client(), pattern, 0, LARGE, 64_000);
        writer.result();
        p.server().shutdownOutput();
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        assertThat(p.client().isOpen()).isTrue();
        assertThat(p.client().isConnected()).isTrue();
    }

    @Test
    void shouldEndBothWaysWhenBothShutDownAtOnce() throws Exception {
        Pair p = pair();
        Background<Void> a = Background.run(() -> {
            Io.send(p.client(), pattern, 0, 200_000, 9_000);
            p.client().shutdownOutput();
        });
        Background<Void> b = Background.run(() -> {
            Io.send(p.server(), pattern, 0, 200_000, 9_000);
            p.server().shutdownOutput();
        });
        Background<Void> c = Background.run(() -> {
            Io.receive(p.client(), pattern, 0, 200_000, 9_000);
            assertThat(Io.readSome(p.client())).isEqualTo(-1);
        });
        Io.receive(p.server(), pattern, 0, 200_000, 9_000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        a.result();
        b.result();
        c.result();
    }

    @Test
    void shouldThrowWhenWritingAfterShutdown() throws Exception {
        Pair p = pair();
        p.client().shutdownOutput();
        // not plainly ClosedChannelException: the JDK finds the output shut once more on its way out
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(1)))
                .isExactlyInstanceOf(AsynchronousCloseException.class);
        p.client().configureBlocking(false);
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(1)))
                .isExactlyInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void shouldDoNothingWhenShutDownTwice() throws Exception {
        Pair p = pair();
        p.client().shutdownOutput().shutdownOutput().shutdownInput().shutdownInput();
        assertThat(p.client().isOpen()).isTrue();
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        assertThat(p.client().socket().isInputShutdown()).isTrue();
        assertThat(p.client().socket().isOutputShutdown()).isTrue();
        assertThat(p.server().socket().isInputShutdown()).isFalse();
    }

    @Test
    void shouldThrowWhenShutDownAfterClose() throws Exception {
        Pair p = pair();
        p.client().close();
        assertThatThrownBy(p.client()::shutdownInput).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(p.client()::shutdownOutput).isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldReadTheEndWhenInputIsShutDown() throws Exception {
        Pair p = pair();
        Io.write(p.server(), "unread");
        p.client().shutdownInput();
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        assertThat(p.client().read(ByteBuffer.allocate(0))).isEqualTo(-1);
        assertThat(p.server().write(Io.text("more"))).isEqualTo(4);
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        Io.write(p.client(), "out");
        assertThat(Io.read(p.server(), 3)).isEqualTo("out");
    }

    @Test
    void shouldEndBlockedReadWhenInputIsShutDown() throws Exception {
        Pair p = pair();
        Background<Integer> reader =
                Background.start(() -> Io.readSome(p.client())).insideOf("read");
        p.client().shutdownInput();
        assertThat(reader.result()).isEqualTo(-1);
    }

    @Test
    void shouldEndBlockedReadWhenPeerShutsDownItsOutput() throws Exception {
        Pair p = pair();
        Background<Integer> reader =
                Background.start(() -> Io.readSome(p.server())).insideOf("read");
        p.client().shutdownOutput();
        assertThat(reader.result()).isEqualTo(-1);
    }

    @Test
    void shouldReturnWhatWasWrittenWhenOutputIsShutDownDuringWrite() throws Exception {
        Pair p = pair();
        ByteBuffer large = pattern.bytes(0, 64 << 20);
        Background<Integer> writer =
                Background.start(() -> p.client().write(large)).insideOf("write");
        p.client().shutdownOutput();
        int written = writer.result();
        assertThat(written).isPositive().isLessThan(64 << 20);
        assertThat(large.position()).isEqualTo(written);
        Io.receive(p.server(), pattern, 0, written, 100_000);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldReadTheEndWhenNotBlocking() throws Exception {
        Pair p = pair().blocking(false);
        p.client().write(pattern.bytes(0, 100));
        p.client().shutdownOutput();
        ByteBuffer b = ByteBuffer.allocate(1000);
        while (b.position() < 100) {
            Io.awaitReady(p.server(), SelectionKey.OP_READ);
            assertThat(p.server().read(b)).isPositive();
        }
        pattern.verify(b.flip(), 0);
        Io.awaitReady(p.server(), SelectionKey.OP_READ);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        assertThat(p.server().read(ByteBuffer.allocate(0))).isZero();
    }
}
