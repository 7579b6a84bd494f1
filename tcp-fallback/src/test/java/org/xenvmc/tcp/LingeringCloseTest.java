package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.Path;

/** After close: frames without data that come, or lie there, do not make a reset of an orderly end; data does. */
@Timeout(100)
class LingeringCloseTest {
    private StreamPair pair;
    private StreamEnd a;
    private StreamEnd b;

    @AfterEach
    void end() throws Exception {
        pair.close();
        StreamPair.until(() -> a.closes.size() == 0);
    }

    private void begin(LingeringCloses closes) throws Exception {
        pair = new StreamPair(closes);
        a = pair.a;
        b = pair.b;
    }

    private void bothOn(Path path) throws Exception {
        begin(new LingeringCloses());
        onto(path);
    }

    private void onto(Path path) throws Exception {
        if (path != Path.TCP) {
            pair.upgrade(a, b);
            pair.upgrade(b, a);
        }
        exchange();
        if (path == Path.FRAMED_TCP) {
            pair.downgrade(a, b);
            pair.downgrade(b, a);
            exchange();
        }
    }

    private void exchange() throws Exception {
        a.send(50);
        b.receive(50);
        b.send(50);
        a.receive(50);
    }

    /** Writes until TCP takes no more, and the kernel of the receiver does not either. */
    private void fillTcp() throws Exception {
        a.nonBlocking();
        int idle = 0;
        while (idle < 20) {
            if (a.write(50_000, false) > 0) {
                idle = 0;
            } else {
                idle++;
                LockSupport.parkNanos(1_000_000); // the kernel may still move bytes from one end to the other
            }
        }
    }

    private int bytesAt(StreamEnd end) throws IOException {
        return end.tcp.socket().getInputStream().available();
    }

    private int left(StreamEnd reader, StreamEnd writer) {
        return (int) (writer.sent - reader.received);
    }

    @Test
    void shouldDeliverAllThatIsOnItsWayWhenThePeerHalfClosesAfterClose() throws Exception {
        bothOn(Path.FRAMED_TCP);
        fillTcp();
        a.closeStream();
        b.stream.shutdownOutput(); // the FIN frame meets a connection with bytes that have not left yet
        b.receive(left(b, a));
        b.receiveEnd();
        b.closeStream();
        StreamPair.until(() -> !a.tcp.isOpen());
    }

    @Test
    void shouldDeliverAllThatIsOnItsWayWhenControlFramesLieUnread() throws Exception {
        bothOn(Path.FRAMED_TCP);
        fillTcp();
        b.stream.shutdownOutput();
        StreamPair.until(() -> bytesAt(a) >= Frame.HEADER_BYTES);
        a.closeStream();
        b.receive(left(b, a));
        b.receiveEnd();
    }

    @Test
    void shouldDeliverAllThatIsOnItsWayWhenTheFrameOfARingThatWasReadComesAfterClose() throws Exception {
        RawPeer peer = new RawPeer();
        pair = new StreamPair(); // only to be closed
        a = pair.a;
        FakeRing out = new FakeRing(100);
        out.receiver.ready();
        peer.end.sendOn(out);
        peer.end.send(3);
        FakeRing in = peer.attachRing();
        in.sender.start(0);
        in.sender.write(RawPeer.raw(0, 5));
        peer.end.receive(5); // by the word: the frame is owed
        peer.end.closeStream();
        peer.send(RawPeer.frame(Frame.START, 0, 0), RawPeer.frame(Frame.NOP, 5, 0));
        assertThat(peer.tcp.socket().getInputStream().readAllBytes())
                .hasSize(Frame.HEADER_BYTES); // START, then the end
        peer.tcp.shutdownOutput();
        StreamPair.until(() -> !peer.end.tcp.isOpen());
        peer.close();
    }

    @Test
    void shouldResetWhenDataComesAfterClose() throws Exception {
        bothOn(Path.FRAMED_TCP);
        a.closeStream();
        assertThat(a.tcp.isOpen()).isTrue();
        b.write(10, true);
        StreamPair.until(() -> !a.tcp.isOpen());
        assertThatThrownBy(() -> b.write(10, true)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldResetWhenUrgentDataComesAfterClose() throws Exception {
        bothOn(Path.FRAMED_TCP);
        a.closeStream();
        b.stream.sendUrgent(7);
        StreamPair.until(() -> !a.tcp.isOpen());
        assertThatThrownBy(() -> b.write(10, true)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldCloseAtOnceWhenThePeerHasClosedAlready(Path path) throws Exception {
        bothOn(path);
        a.closeStream();
        b.receiveEnd();
        b.closeStream();
        if (path != Path.SHARED_MEMORY) { // there the ring tells of the end, perhaps before TCP does
            assertThat(b.tcp.isOpen()).isFalse();
        }
        StreamPair.until(() -> !a.tcp.isOpen() && !b.tcp.isOpen());
        StreamPair.until(() -> a.closes.size() + b.closes.size() == 0);
    }

    @Test
    void shouldCloseAtOnceWhenTcpNeverCarriedFrames() throws Exception {
        bothOn(Path.TCP);
        a.send(100);
        a.closeStream();
        assertThat(a.tcp.isOpen()).isFalse();
        b.receive(100);
        b.receiveEnd();
    }

    @ParameterizedTest
    @EnumSource(names = {"SHARED_MEMORY", "FRAMED_TCP"})
    void shouldCloseAtOnceWhenTooManyLingerAlready(Path path) throws Exception {
        begin(new LingeringCloses(0, LingeringCloses.LIMIT_MS));
        onto(path);
        a.send(100);
        a.closeStream();
        assertThat(a.tcp.isOpen()).isFalse();
        b.receive(100);
        b.receiveEnd();
    }

    @ParameterizedTest
    @EnumSource(names = {"SHARED_MEMORY", "FRAMED_TCP"})
    void shouldCloseWhenTheLimitIsOver(Path path) throws Exception {
        begin(new LingeringCloses(1, 50));
        onto(path);
        a.send(100);
        a.closeStream();
        StreamPair.until(() -> !a.tcp.isOpen()); // the peer goes on
        b.receive(100);
        b.receiveEnd();
    }

    @Test
    void shouldLetGoWhenTheVmEnds() throws Exception {
        bothOn(Path.FRAMED_TCP);
        a.send(100);
        a.closeStream();
        assertThat(a.tcp.isOpen()).isTrue();
        a.closes.close();
        assertThat(a.tcp.isOpen()).isFalse();
        b.receive(100);
        b.receiveEnd();
    }

    @Test
    void shouldResetWhenTheVmEndsBeforeAllThatWasKeptIsSent() throws Exception {
        bothOn(Path.FRAMED_TCP);
        fillTcp();
        while (!keepsBytes(a)) { // the last frame had just fitted
            b.receive(10_000);
            fillTcp();
        }
        a.closeStream();
        a.closes.close();
        assertThat(a.tcp.isOpen()).isFalse();
        assertThat(resetOrAllAndEnd()).isTrue();
    }

    /** The kernel may have made room at the last moment; what must not be is an end that looks orderly before all is there. */
    private boolean resetOrAllAndEnd() throws IOException {
        try {
            b.receive(left(b, a));
            b.receiveEnd();
            return true;
        } catch (SocketException e) {
            return e.getMessage().equals("Connection reset");
        }
    }

    private static boolean keepsBytes(StreamEnd end) {
        return end.stream.tcpInterestOps(SelectionKey.OP_WRITE) == 0;
    }

    @Test
    void shouldWaitItselfWhenALingerTimeIsSet() throws Exception {
        bothOn(Path.FRAMED_TCP);
        a.tcp.setOption(StandardSocketOptions.SO_LINGER, 5);
        a.send(100);
        a.closeStream();
        StreamPair.until(() -> !a.tcp.isOpen());
        b.receive(100);
        b.receiveEnd();
    }

    @Test
    void shouldDeliverWhatABlockedWriterGotOutWhenClosedByAnotherThread() throws Exception {
        bothOn(Path.FRAMED_TCP);
        b.stream.shutdownOutput(); // lies unread
        StreamPair.until(() -> bytesAt(a) >= Frame.HEADER_BYTES);
        Future<Integer> writer = pair.start(() -> a.write(64 << 20, true));
        StreamPair.until(() -> bytesAt(b) > 100_000);
        a.closeStream();
        int written = StreamPair.result(writer);
        assertThat(written).isPositive();
        b.receive(left(b, a));
        b.receiveEnd();
    }

    @Test
    void shouldDeliverWhatABlockedWriterGotOutWhenTcpIsClosedUnderIt() throws Exception {
        bothOn(Path.FRAMED_TCP);
        b.stream.shutdownOutput(); // lies unread, until the writer comes
        StreamPair.until(() -> bytesAt(a) >= Frame.HEADER_BYTES);
        Future<Integer> writer = pair.start(() -> a.write(64 << 20, true));
        StreamPair.until(() -> bytesAt(b) > 100_000);
        a.tcp.close(); // what an interrupt does
        int written = StreamPair.result(writer);
        assertThat(written).isPositive();
        b.receive(left(b, a));
        b.receiveEnd();
    }

    @Test
    void shouldTellOfTheResetOnceWhenTheLoopSawItFirst() throws Exception {
        bothOn(Path.SHARED_MEMORY);
        a.tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
        a.closeStream();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> b.read(1, StreamEnd.LIMIT_NS))
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
        }
    }
}
