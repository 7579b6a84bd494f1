package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;

class AcceptContractTest extends Contract {
    @Test
    void shouldThrowWhenNotBound() throws Exception {
        ServerSocketChannel s = world.track(world.server().openServerSocketChannel());
        assertThat(s.getLocalAddress()).isNull();
        assertThatThrownBy(s::accept).isExactlyInstanceOf(NotYetBoundException.class);
    }

    @Test
    void shouldThrowWhenBoundTwice() throws Exception {
        ServerSocketChannel s = world.listen();
        assertThatThrownBy(() -> s.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
        assertThat(s.validOps()).isEqualTo(SelectionKey.OP_ACCEPT);
        assertThat(s.provider()).isSameAs(world.server());
    }

    @Test
    void shouldReturnNullWhenNotBlockingAndNobodyCame() throws Exception {
        ServerSocketChannel s = world.listen();
        s.configureBlocking(false);
        assertThat(s.accept()).isNull();
        assertThatThrownBy(s.socket()::accept).isExactlyInstanceOf(IllegalBlockingModeException.class);
    }

    @Test
    void shouldGiveBlockingChannelWhenAcceptedWithoutBlocking() throws Exception {
        ServerSocketChannel s = world.listen();
        s.configureBlocking(false);
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        Io.awaitReady(s, SelectionKey.OP_ACCEPT);
        SocketChannel a = world.track(s.accept());
        assertThat(a.isBlocking()).isTrue();
        assertThat(a.getRemoteAddress()).isEqualTo(c.getLocalAddress());
        assertThat(s.accept()).isNull();
    }

    @Test
    void shouldThrowAsynchronousCloseWhenClosedWhileAccepting() throws Exception {
        ServerSocketChannel s = world.listen();
        Background<SocketChannel> accepting = Background.start(s::accept).insideOf("accept");
        s.close();
        assertThat(accepting.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(s::accept).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(s::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldThrowClosedByInterruptWhenInterruptedWhileAccepting() throws Exception {
        ServerSocketChannel s = world.listen();
        Background<SocketChannel> accepting = Background.start(s::accept).insideOf("accept");
        accepting.interrupt();
        assertThat(accepting.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(s.isOpen()).isFalse();
    }

    @Test
    void shouldTimeOutAndStayUsableWhenAdaptorAcceptsWithLimit() throws Exception {
        ServerSocketChannel s = world.listen();
        ServerSocket adaptor = s.socket();
        adaptor.setSoTimeout(30);
        assertThatThrownBy(adaptor::accept)
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("Accept timed out");
        adaptor.setSoTimeout((int) Io.LIMIT_MS);
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        Socket a = world.track(adaptor.accept());
        assertThat(a.getChannel()).isNotNull();
        assertThat(a.getRemoteSocketAddress()).isEqualTo(c.getLocalAddress());
        assertThat(adaptor.getLocalPort()).isEqualTo(((InetSocketAddress) s.getLocalAddress()).getPort());
    }

    @Test
    void shouldDeliverEverythingWhenClientWroteAndClosedBeforeAccept() throws Exception {
        ServerSocketChannel s = world.listen();
        StreamPattern pattern = new StreamPattern(1);
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        for (int i = 0; i < 20; i++) {
            c.write(pattern.bytes(i * 1000L, 1000));
        }
        c.close();
        SocketChannel a = world.track(s.accept());
        Io.receive(a, pattern, 0, 20_000, 7777);
        assertThat(Io.readSome(a)).isEqualTo(-1);
    }

    @Test
    void shouldDeliverEverythingWhenClientIsAcceptedLate() throws Exception {
        ServerSocketChannel s = world.listen();
        StreamPattern pattern = new StreamPattern(2);
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        for (int i = 0; i < 100; i++) {
            c.write(pattern.bytes(i * 10L, 10));
        }
        SocketChannel a = world.track(s.accept());
        Io.receive(a, pattern, 0, 1000, 64);
        for (int i = 0; i < 100; i++) {
            c.write(pattern.bytes(1000 + i * 10L, 10));
            Io.receive(a, pattern, 1000 + i * 10L, 1010 + i * 10L, 3);
        }
    }

    @Test
    void shouldKeepConnectionsWhenListenerIsClosed() throws Exception {
        ServerSocketChannel s = world.listen();
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        SocketChannel a = world.track(s.accept());
        s.close();
        for (int i = 0; i < 100; i++) {
            Io.write(c, "ping");
            assertThat(Io.read(a, 4)).isEqualTo("ping");
            assertThat(a.write(ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    void shouldAcceptAgainWhenPortIsReused() throws Exception {
        InetSocketAddress address = null;
        for (int i = 0; i < 3; i++) {
            ServerSocketChannel s = world.track(world.server().openServerSocketChannel());
            s.bind(address == null ? world.anyPort() : address);
            address = (InetSocketAddress) s.getLocalAddress();
            SocketChannel c = world.open();
            c.connect(address);
            SocketChannel a = world.track(s.accept());
            Io.write(c, "life " + i);
            assertThat(Io.read(a, 6)).isEqualTo("life " + i);
            s.close();
            c.close();
            assertThat(Io.readSome(a)).isEqualTo(-1);
            a.close();
        }
    }
}
