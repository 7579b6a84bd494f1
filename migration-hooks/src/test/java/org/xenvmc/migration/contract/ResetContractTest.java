package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

/** Ends that are not the orderly end of a stream: unread bytes, linger of zero, writing to nobody. */
class ResetContractTest extends Contract {
    private final StreamPattern pattern = new StreamPattern(8);

    /** The survivor has seen everything that the other end did: its selector reports both the bytes and the end. */
    private static void awaitReadable(SocketChannel channel) throws IOException {
        boolean block = channel.isBlocking();
        channel.configureBlocking(false);
        Io.awaitReady(channel, SelectionKey.OP_READ);
        channel.configureBlocking(block);
    }

    private static void assertReset(SocketChannel channel) {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> Io.readSome(channel))
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
        }
        assertThat(channel.isOpen()).isTrue();
    }

    private static Throwable firstFailedWrite(SocketChannel channel) {
        Throwable[] failure = {null};
        Awaitility.await("failing write")
                .atMost(Duration.ofMillis(Io.LIMIT_MS))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    try {
                        channel.write(ByteBuffer.allocate(10));
                        return false;
                    } catch (IOException e) {
                        failure[0] = e;
                        return true;
                    }
                });
        return failure[0];
    }

    @Test
    void shouldDeliverWhatWasWrittenThenResetWhenClosedWithUnreadBytes() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 3000));
        Io.write(p.server(), "never read");
        awaitReadable(p.client());
        p.client().close();
        Io.receive(p.server(), pattern, 0, 3000, 500);
        assertReset(p.server());
        assertThat(firstFailedWrite(p.server()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Broken pipe");
    }

    @Test
    void shouldResetWhenClosedWithHalfReadBytes() throws Exception {
        Pair p = pair();
        p.server().write(pattern.bytes(0, 3000));
        Io.receive(p.client(), pattern, 0, 1000, 1000);
        p.client().close();
        assertReset(p.server());
    }

    @Test
    void shouldEndOrderlyWhenAllBytesWereReadBeforeClose() throws Exception {
        Pair p = pair();
        p.server().write(pattern.bytes(0, 3000));
        Io.receive(p.client(), pattern, 0, 3000, 1000);
        p.client().close();
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldResetWhenUnreadBytesWereCutOffByShutdownOfInput() throws Exception {
        Pair p = pair();
        Io.write(p.server(), "never read");
        awaitReadable(p.client());
        p.client().shutdownInput();
        p.client().close();
        assertReset(p.server());
    }

    @Test
    void shouldResetBlockedReadWhenPeerClosesWithUnreadBytes() throws Exception {
        Pair p = pair();
        Io.write(p.server(), "never read");
        awaitReadable(p.client());
        Background<Integer> reader =
                Background.start(() -> Io.readSome(p.server())).insideOf("read");
        p.client().close();
        assertThat(reader.failure()).isExactlyInstanceOf(SocketException.class).hasMessage("Connection reset");
    }

    @Test
    void shouldDeliverWhatWasWrittenThenResetWhenLingerIsZero() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 5000));
        awaitReadable(p.server());
        p.client().setOption(StandardSocketOptions.SO_LINGER, 0);
        p.client().close();
        Io.receive(p.server(), pattern, 0, 5000, 600);
        assertReset(p.server());
    }

    @Test
    void shouldResetWhenLingerIsZeroAndNothingWasWritten() throws Exception {
        Pair p = pair();
        p.server().setOption(StandardSocketOptions.SO_LINGER, 0);
        p.server().close();
        assertReset(p.client());
    }

    @Test
    void shouldResetAfterHalfCloseWhenLingerIsZero() throws Exception {
        Pair p = pair();
        p.server().shutdownOutput();
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        p.client().setOption(StandardSocketOptions.SO_LINGER, 0);
        p.client().close();
        assertReset(p.server());
    }

    @Test
    void shouldEndOrderlyWhenLingerIsPositive() throws Exception {
        Pair p = pair();
        p.client().setOption(StandardSocketOptions.SO_LINGER, 5);
        p.client().write(pattern.bytes(0, 5000));
        p.client().close();
        Io.receive(p.server(), pattern, 0, 5000, 600);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldBreakThePipeWhenWritingToAClosedPeer() throws Exception {
        Pair p = pair();
        p.server().close();
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        assertThat(p.client().write(ByteBuffer.allocate(10))).isEqualTo(10);
        assertThat(firstFailedWrite(p.client()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Broken pipe");
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        assertThat(p.client().isOpen()).isTrue();
    }

    @Test
    void shouldReportResetToTheFirstWriteWhenNothingWasReadBefore() throws Exception {
        Pair p = pair();
        p.client().write(pattern.bytes(0, 3));
        Io.write(p.server(), "never read");
        awaitReadable(p.client());
        awaitReadable(p.server());
        p.client().close();
        assertThat(firstFailedWrite(p.server()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageMatching("Connection reset by peer|Broken pipe");
        assertThat(firstFailedWrite(p.server()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Broken pipe");
        // the write took the error away: what had arrived can be read, and then the stream just ends
        Io.receive(p.server(), pattern, 0, 3, 10);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldSelectReadableWhenReset() throws Exception {
        Pair p = pair();
        p.client().configureBlocking(false);
        p.server().setOption(StandardSocketOptions.SO_LINGER, 0);
        p.server().close();
        Io.awaitReady(p.client(), SelectionKey.OP_READ);
        Io.awaitReady(p.client(), SelectionKey.OP_WRITE);
        assertReset(p.client());
    }
}
