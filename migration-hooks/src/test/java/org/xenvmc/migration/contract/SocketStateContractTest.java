package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.SocketPair;

/** Sentences of {@code Socket} and {@code ServerSocket} about what they know before, during and after their life. */
class SocketStateContractTest extends SocketContract {
    /** "If the socket was connected (bound) prior to being closed, then this method will continue to return ..." */
    @Test
    void shouldRememberItsAddressesWhenClosed() throws Exception {
        SocketPair p = socketPair();
        Socket s = p.client();
        InetSocketAddress remote = (InetSocketAddress) s.getRemoteSocketAddress();
        int port = s.getLocalPort();
        s.close();
        assertThat(s.getRemoteSocketAddress()).isEqualTo(remote);
        assertThat(s.getInetAddress()).isEqualTo(remote.getAddress());
        assertThat(s.getPort()).isEqualTo(remote.getPort());
        assertThat(s.getLocalPort()).isEqualTo(port);
        assertThat(s.getLocalAddress().isAnyLocalAddress()).isTrue();
        InetSocketAddress local = (InetSocketAddress) s.getLocalSocketAddress();
        assertThat(local.getAddress().isAnyLocalAddress()).isTrue();
        assertThat(local.getPort()).isEqualTo(port);
        assertThat(s.isBound() && s.isConnected() && s.isClosed()).isTrue();
        assertThat(s.isInputShutdown() || s.isOutputShutdown()).isFalse();
    }

    @Test
    void shouldRememberWhereItListenedWhenClosed() throws Exception {
        ServerSocket l = sockets.serverSocket();
        assertThat(l.getInetAddress()).isNull();
        assertThat(l.getLocalPort()).isEqualTo(-1);
        assertThat(l.getLocalSocketAddress()).isNull();
        l.bind(world.anyPort());
        InetSocketAddress local = (InetSocketAddress) l.getLocalSocketAddress();
        l.close();
        assertThat(l.getLocalSocketAddress()).isEqualTo(local);
        assertThat(l.getInetAddress()).isEqualTo(local.getAddress());
        assertThat(l.getLocalPort()).isEqualTo(local.getPort());
    }

    @Test
    void shouldSayInWordsWhatItIs() throws Exception {
        assertThat(sockets.socket()).hasToString("Socket[unconnected]");
        assertThat(sockets.serverSocket()).hasToString("ServerSocket[unbound]");
        Socket s = socketPair().client();
        assertThat(s)
                .hasToString("Socket[addr=" + s.getInetAddress() + ",port=" + s.getPort() + ",localport="
                        + s.getLocalPort() + "]");
        ServerSocket l = sockets.listen();
        assertThat(l).hasToString("ServerSocket[addr=" + l.getInetAddress() + ",localport=" + l.getLocalPort() + "]");
    }

    /** "IOException - if ... the socket is not connected, or the socket input (output) has been shutdown" */
    @Test
    void shouldGiveNoStreamOfADirectionThatIsShutDown() throws Exception {
        SocketPair p = socketPair();
        p.client().shutdownInput();
        assertThatThrownBy(p.client()::getInputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket input is shutdown");
        p.client().getOutputStream().write('x');
        p.client().shutdownOutput();
        assertThatThrownBy(p.client()::getOutputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket output is shutdown");
        assertThat(p.client().isInputShutdown() && p.client().isOutputShutdown())
                .isTrue();
        assertThat(p.client().isClosed()).isFalse();
        assertThat(p.server().getInputStream().read()).isEqualTo('x');
        assertThat(p.server().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void shouldRefuseToConnectTwiceAndStayConnected() throws Exception {
        SocketPair p = socketPair();
        assertThatThrownBy(() -> p.client().connect(p.client().getRemoteSocketAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessageMatching("(?i)already connected");
        assertThatThrownBy(() -> p.server().bind(world.anyPort())).isInstanceOf(SocketException.class);
        p.client().getOutputStream().write('y');
        assertThat(p.server().getInputStream().read()).isEqualTo('y');
    }

    /** "Sets a default proposed value for the SO_RCVBUF option for sockets accepted from this ServerSocket" */
    @Test
    void shouldHandItsReceiveBufferOnToWhatItAccepts() throws Exception {
        ServerSocket l = sockets.serverSocket();
        l.setReceiveBufferSize(24 * 1024);
        l.bind(world.anyPort());
        Socket c = sockets.socket();
        c.connect(l.getLocalSocketAddress());
        assertThat(world.track(l.accept()).getReceiveBufferSize()).isEqualTo(l.getReceiveBufferSize());
    }

    /** "The option must be enabled prior to entering the blocking operation"; of one socket, not of its peer or of others. */
    @Test
    void shouldKeepTimeOutsToItself() throws Exception {
        SocketPair p = socketPair();
        p.client().setSoTimeout(SHORT_MS);
        assertThat(p.server().getSoTimeout()).isZero();
        assertThatThrownBy(() -> p.client().getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        p.client().setSoTimeout(0);
        assertThat(p.client().getSoTimeout()).isZero();
        p.server().getOutputStream().write('z');
        assertThat(p.client().getInputStream().read()).isEqualTo('z');
    }
}
