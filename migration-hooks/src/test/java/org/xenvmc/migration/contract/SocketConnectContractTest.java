package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;

class SocketConnectContractTest extends SocketContract {
    @Test
    void shouldDescribeItselfBeforeItIsConnected() throws Exception {
        Socket s = sockets.socket();
        assertThat(s.isConnected() || s.isBound() || s.isClosed()).isFalse();
        assertThat(s.getInetAddress()).isNull();
        assertThat(s.getPort()).isZero();
        assertThat(s.getLocalPort()).isEqualTo(-1);
        assertThat(s.getRemoteSocketAddress()).isNull();
        assertThat(s.getLocalSocketAddress()).isNull();
        assertThat(s.getLocalAddress().isAnyLocalAddress()).isTrue();
        assertThatThrownBy(s::getInputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is not connected");
        assertThatThrownBy(s::shutdownOutput)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is not connected");
    }

    @Test
    void shouldConnectFromTheAddressItIsBoundTo() throws Exception {
        ServerSocket listener = sockets.listen();
        Socket s = sockets.socket();
        s.bind(world.anyPort());
        int port = s.getLocalPort();
        assertThat(port).isPositive();
        assertThat(s.getLocalAddress()).isEqualTo(world.loopback());
        assertThatThrownBy(() -> s.bind(world.anyPort()))
                .isInstanceOf(SocketException.class)
                .hasMessage("Already bound");
        s.connect(listener.getLocalSocketAddress());
        assertThat(s.getLocalPort()).isEqualTo(port);
        assertThat(world.track(listener.accept()).getPort()).isEqualTo(port);
    }

    @Test
    void shouldRefuseToBindWhenThePortIsTaken() throws Exception {
        ServerSocket listener = sockets.listen();
        Socket s = sockets.socket();
        assertThatThrownBy(() -> s.bind(listener.getLocalSocketAddress())).isInstanceOf(BindException.class);
    }

    @Test
    void shouldBeClosedWhenConnectIsRefused() throws Exception {
        for (int timeoutMs : new int[] {0, LONG_MS}) {
            Socket s = sockets.socket();
            InetSocketAddress nobody = world.deadPort();
            assertThatThrownBy(() -> s.connect(nobody, timeoutMs))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasMessage("Connection refused");
            assertThatThrownBy(() -> s.connect(nobody, timeoutMs)).isInstanceOf(SocketException.class);
            assertThat(s.isConnected()).isFalse();
        }
    }

    @Test
    void shouldConnectWithinTheTimeLimit() throws Exception {
        ServerSocket listener = sockets.listen();
        Socket s = sockets.socket();
        s.connect(listener.getLocalSocketAddress(), LONG_MS);
        Socket a = world.track(listener.accept());
        s.getOutputStream().write('t');
        assertThat(a.getInputStream().read()).isEqualTo('t');
        assertThatThrownBy(() -> s.connect(listener.getLocalSocketAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("lready connected");
        assertThatThrownBy(() -> s.connect(listener.getLocalSocketAddress(), -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTimeOutWhenNobodyAnswers() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            Socket s = sockets.socket();
            assertThatThrownBy(() -> s.connect(full.address(), SHORT_MS))
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Connect timed out");
        }
    }

    @Test
    void shouldThrowWhenClosedByAnotherThreadDuringConnect() throws Exception {
        for (int timeoutMs : new int[] {0, LONG_MS}) {
            try (FullBacklog full = new FullBacklog(world.anyPort())) {
                Socket s = sockets.socket();
                Background<Void> connector = Background.run(() -> s.connect(full.address(), timeoutMs))
                        .insideOf("connect");
                s.close();
                assertThat(connector.failure())
                        .isExactlyInstanceOf(SocketException.class)
                        .hasMessage("Socket closed");
            }
        }
    }

    @Test
    void shouldNameAHostThatIsNotResolved() throws Exception {
        Socket s = sockets.socket();
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("host.invalid", 9);
        assertThatThrownBy(() -> s.connect(unresolved))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("host.invalid");
    }

    @Test
    void shouldRefuseToConnectWhenClosed() throws Exception {
        ServerSocket listener = sockets.listen();
        Socket s = sockets.socket();
        s.close();
        assertThatThrownBy(() -> s.connect(listener.getLocalSocketAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is closed");
    }
}
