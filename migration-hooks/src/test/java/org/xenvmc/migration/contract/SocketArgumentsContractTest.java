package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.SocketPair;

/** Sentences of {@code Socket} and {@code ServerSocket} that begin with "Throws". */
class SocketArgumentsContractTest extends SocketContract {
    private static void assertIllegal(ThrowingCallable... calls) {
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isExactlyInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void assertSocketException(ThrowingCallable... calls) {
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void shouldRefuseValuesOutOfRange() throws Exception {
        Socket s = socketPair().client();
        ServerSocket l = sockets.listen();
        assertIllegal(
                () -> s.setSoLinger(true, -1),
                () -> s.setSoTimeout(-1),
                () -> s.setSendBufferSize(0),
                () -> s.setReceiveBufferSize(-5),
                () -> s.setTrafficClass(256),
                () -> s.setTrafficClass(-1),
                () -> l.setSoTimeout(-1),
                () -> l.setReceiveBufferSize(0));
        assertThatThrownBy(() -> s.setOption(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> s.getOption(null)).isInstanceOf(NullPointerException.class);
        s.setSoLinger(true, 100_000);
        assertThat(s.getSoLinger()).as("limited to 65,535").isEqualTo(65_535);
        s.setSoLinger(false, 0);
        assertThat(s.getSoLinger()).isEqualTo(-1);
    }

    @Test
    void shouldRefuseAddressesThatItDoesNotSupport() throws Exception {
        Socket s = sockets.socket();
        ServerSocket l = sockets.serverSocket();
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("/tmp/none");
        assertIllegal(
                () -> s.connect(null),
                () -> s.connect(unix),
                () -> s.bind(unix),
                () -> s.connect(world.anyPort(), -1),
                () -> l.bind(unix));
        assertThatThrownBy(() -> s.bind(InetSocketAddress.createUnresolved("host.invalid", 0)))
                .isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> l.bind(InetSocketAddress.createUnresolved("host.invalid", 0)))
                .isInstanceOf(SocketException.class);
        assertThat(s.isBound() || l.isBound()).isFalse();
    }

    /** "If the address is null, then the system will pick up an ephemeral port and a valid local address" */
    @Test
    void shouldBindToAnyAddressWhenNoneIsNamed() throws Exception {
        Socket s = sockets.socket();
        s.bind(null);
        assertThat(s.isBound()).isTrue();
        assertThat(s.getLocalPort()).isPositive();
        ServerSocket l = sockets.serverSocket();
        l.bind(null, -7); // "less than or equal to 0: an implementation specific default"
        assertThat(l.getLocalPort()).isPositive();
        assertSocketException(() -> l.bind(null));
    }

    @Test
    void shouldRefuseEverythingWhenClosed() throws Exception {
        SocketPair p = socketPair();
        Socket s = p.client();
        ServerSocket l = sockets.listen();
        s.close();
        l.close();
        assertSocketException(
                () -> s.bind(null),
                () -> s.connect(world.anyPort()),
                s::getInputStream,
                s::getOutputStream,
                s::shutdownInput,
                s::shutdownOutput,
                s::getTcpNoDelay,
                () -> s.setKeepAlive(true),
                () -> s.setSoLinger(false, 0),
                () -> s.sendUrgentData(1),
                l::accept,
                () -> l.bind(null),
                l::getSoTimeout,
                () -> l.setReuseAddress(true));
        assertThat(s.isClosed() && l.isClosed()).isTrue();
        assertThat(l.isBound()).as("closing does not clear it").isTrue();
        s.close();
        l.close();
    }

    /** "Once a socket's input (output) has been shut down": again is an error, the other direction goes on. */
    @Test
    void shouldRefuseToShutDownTwice() throws Exception {
        SocketPair p = socketPair();
        Socket s = p.client();
        s.shutdownInput();
        assertThatThrownBy(s::shutdownInput)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket input is already shutdown");
        s.getOutputStream().write('o');
        assertThat(p.server().getInputStream().read()).isEqualTo('o');
        s.shutdownOutput();
        assertThatThrownBy(s::shutdownOutput)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket output is already shutdown");
        assertThat(s.isConnected()).isTrue();
        assertThat(s.isClosed()).isFalse();
        assertThat(p.server().getInputStream().read()).isEqualTo(-1);
    }

    /** "Closing the returned InputStream (OutputStream) will close the associated socket." */
    @Test
    void shouldCloseWithEitherStream() throws Exception {
        SocketPair p = socketPair();
        p.client().getOutputStream().close();
        assertThat(p.client().isClosed()).isTrue();
        assertThat(p.server().getInputStream().read()).isEqualTo(-1);
        p.server().getInputStream().close();
        assertThat(p.server().isClosed()).isTrue();
        assertSocketException(() -> p.server().getOutputStream());
    }
}
