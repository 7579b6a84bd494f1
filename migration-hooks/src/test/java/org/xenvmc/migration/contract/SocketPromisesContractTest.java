package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.SocketPair;

/** Sentences of {@code Socket} and {@code ServerSocket} about bytes that nobody wants, and about what lasts beyond something. */
class SocketPromisesContractTest extends SocketContract {
    /** "Any data sent to the input stream side of the socket is acknowledged and then silently discarded." */
    @Test
    void shouldDiscardSilentlyWhatComesAfterItsInputIsShutDown() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        p.client().shutdownInput();
        OutputStream peer = p.server().getOutputStream();
        for (int i = 0; i < 10; i++) {
            peer.write(new byte[1000]);
            assertThat(in.read()).isEqualTo(-1);
            assertThat(in.available()).isZero();
        }
        p.client().getOutputStream().write('o');
        assertThat(p.server().getInputStream().read()).isEqualTo('o');
    }

    /** "If there are no bytes buffered on the socket ... all subsequent calls to read will throw an IOException"; available returns 0. */
    @Test
    void shouldFailEveryReadAndHaveNothingAvailableWhenReset() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        p.server().setSoLinger(true, 0);
        p.server().close();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> in.read(new byte[8]))
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
            assertThat(in.available()).isZero();
        }
        assertThat(p.client().isClosed()).isFalse();
        assertThat(p.client().isConnected()).isTrue();
        p.client().close();
        assertThatThrownBy(in::read).isExactlyInstanceOf(SocketException.class).hasMessage("Socket closed");
    }

    /** "The option must be enabled prior to entering the blocking operation to have effect." */
    @Test
    void shouldNotLimitAReadThatHasBegunWhenATimeOutIsSet() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        Background<Integer> reader = Background.start(in::read).insideOf("read");
        p.client().setSoTimeout(1);
        reader.insideOf("read");
        p.server().getOutputStream().write('r');
        assertThat(reader.result()).isEqualTo('r');
    }

    @Test
    void shouldNotLimitAnAcceptThatHasBegunWhenATimeOutIsSet() throws Exception {
        ServerSocket l = sockets.listen();
        Background<Socket> acceptor = Background.start(l::accept).insideOf("accept");
        l.setSoTimeout(1);
        acceptor.insideOf("accept");
        Socket c = sockets.socket();
        c.connect(l.getLocalSocketAddress());
        assertThat(world.track(acceptor.result()).getPort()).isEqualTo(c.getLocalPort());
    }

    /** "The byte to be sent is the lowest eight bits", "after any preceding writes ... and before any future writes". */
    @Test
    void shouldSendTheLowestEightBitsOfUrgentDataInOrder() throws Exception {
        SocketPair p = socketPair();
        p.server().setOOBInline(true);
        OutputStream out = p.client().getOutputStream();
        out.write("before".getBytes(StandardCharsets.US_ASCII));
        p.client().sendUrgentData(0x1200 | 'u');
        out.write("after".getBytes(StandardCharsets.US_ASCII));
        assertThat(p.server().getInputStream().readNBytes(12)).asString().isEqualTo("beforeuafter");
    }

    @Test
    void shouldKeepWhatItHasAcceptedWhenClosed() throws Exception {
        ServerSocket l = sockets.listen();
        Socket c = sockets.socket();
        c.connect(l.getLocalSocketAddress());
        Socket a = world.track(l.accept());
        l.close();
        assertThatThrownBy(() -> sockets.socket().connect(l.getLocalSocketAddress()))
                .isInstanceOf(SocketException.class);
        a.getOutputStream().write('k');
        assertThat(c.getInputStream().read()).isEqualTo('k');
        assertThat(a.getLocalPort()).isEqualTo(l.getLocalPort());
    }

    @Test
    void shouldDropABoundSocketThatNeverConnects() throws Exception {
        Socket s = sockets.socket();
        s.bind(world.anyPort());
        int port = s.getLocalPort();
        s.close();
        assertThat(s.isBound() && s.isClosed()).isTrue();
        assertThat(s.isConnected()).isFalse();
        ServerSocket again = sockets.serverSocket();
        again.bind(new InetSocketAddress(world.loopback(), port));
        assertThat(again.getLocalPort()).isEqualTo(port);
    }
}
