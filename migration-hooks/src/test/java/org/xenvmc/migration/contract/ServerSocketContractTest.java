package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;

class ServerSocketContractTest extends SocketContract {
    @Test
    void shouldDescribeItself() throws Exception {
        ServerSocket s = sockets.serverSocket();
        assertThat(s.isBound()).isFalse();
        assertThat(s.getLocalPort()).isEqualTo(-1);
        assertThat(s.getLocalSocketAddress()).isNull();
        assertThat(s.getInetAddress()).isNull();
        s.bind(world.anyPort());
        assertThat(s.isBound()).isTrue();
        assertThat(s.getLocalPort()).isPositive();
        assertThat(s.getInetAddress()).isEqualTo(world.loopback());
        assertThat(s.getLocalSocketAddress()).isEqualTo(new InetSocketAddress(world.loopback(), s.getLocalPort()));
        assertThat(s.getChannel()).isNull();
        assertThatThrownBy(() -> s.bind(world.anyPort()))
                .isInstanceOf(SocketException.class)
                .hasMessage("Already bound");
        s.close();
        assertThat(s.isClosed()).isTrue();
        assertThat(s.isBound()).as("closing does not clear it").isTrue();
    }

    @Test
    void shouldStayUsableWhenAcceptHasTimedOut() throws Exception {
        ServerSocket s = sockets.listen();
        s.setSoTimeout(SHORT_MS);
        assertThat(s.getSoTimeout()).isEqualTo(SHORT_MS);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(s::accept)
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Accept timed out");
        }
        s.setSoTimeout(LONG_MS);
        Socket c = sockets.socket();
        c.connect(s.getLocalSocketAddress());
        Socket a = world.track(s.accept());
        assertThat(a.getSoTimeout()).as("not inherited").isZero();
        a.getOutputStream().write('a');
        assertThat(c.getInputStream().read()).isEqualTo('a');
    }

    @Test
    void shouldAcceptInTheOrderOfConnecting() throws Exception {
        ServerSocket s = sockets.listen();
        for (int i = 0; i < 5; i++) {
            Socket c = sockets.socket();
            c.connect(s.getLocalSocketAddress());
            c.getOutputStream().write(i);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(world.track(s.accept()).getInputStream().read()).isEqualTo(i);
        }
    }

    @Test
    void shouldThrowWhenClosedByAnotherThreadDuringAccept() throws Exception {
        for (int soTimeout : new int[] {0, LONG_MS}) {
            ServerSocket s = sockets.listen();
            s.setSoTimeout(soTimeout);
            Background<Socket> acceptor = Background.start(s::accept).insideOf("accept");
            s.close();
            assertThat(acceptor.failure())
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Socket closed");
            assertThatThrownBy(s::accept)
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Socket is closed");
        }
    }

    @Test
    void shouldRefuseToAcceptWhenNotBound() throws Exception {
        ServerSocket s = sockets.serverSocket();
        assertThatThrownBy(s::accept).isExactlyInstanceOf(SocketException.class).hasMessage("Socket is not bound yet");
    }

    @Test
    void shouldBindElsewhereWhenAPortIsTaken() throws Exception {
        ServerSocket first = sockets.listen();
        ServerSocket second = sockets.serverSocket();
        assertThatThrownBy(() -> second.bind(first.getLocalSocketAddress())).isInstanceOf(BindException.class);
        assertThat(second.isBound()).isFalse();
        second.bind(world.anyPort());
        Socket c = sockets.socket();
        c.connect(second.getLocalSocketAddress());
        assertThat(world.track(second.accept()).getPort()).isEqualTo(c.getLocalPort());
    }

    @Test
    void shouldBindAgainWhenClosed() throws Exception {
        ServerSocket first = sockets.listen();
        first.close();
        ServerSocket second = sockets.serverSocket();
        second.bind(first.getLocalSocketAddress());
        assertThat(second.getLocalPort()).isPositive();
    }

    @Test
    void shouldHaveTheOptionsOfTheJdk() throws Exception {
        ServerSocket s = sockets.serverSocket();
        try (ServerSocket reference = new ServerSocket()) {
            assertThat(s.supportedOptions()).isEqualTo(reference.supportedOptions());
            assertThat(s.getReuseAddress()).isEqualTo(reference.getReuseAddress());
        }
        s.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        assertThat(s.getReuseAddress()).isFalse();
        s.setReuseAddress(true);
        assertThat(s.getOption(StandardSocketOptions.SO_REUSEADDR)).isTrue();
        s.setOption(StandardSocketOptions.IP_TOS, 8);
        assertThat(s.getOption(StandardSocketOptions.IP_TOS)).isEqualTo(8);
        s.setReceiveBufferSize(16 * 1024);
        assertThat(s.getReceiveBufferSize()).isGreaterThanOrEqualTo(16 * 1024);
        assertThatThrownBy(() -> s.setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("'TCP_NODELAY' not supported");
        s.close();
        assertThatThrownBy(() -> s.getOption(StandardSocketOptions.SO_REUSEADDR))
                .isInstanceOf(SocketException.class);
    }
}
