package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.SocketPair;

class SocketOptionsContractTest extends SocketContract {
    @Test
    void shouldHaveTheOptionsAndDefaultsOfTheJdk() throws Exception {
        Socket s = sockets.socket();
        try (Socket reference = new Socket()) {
            assertThat(s.supportedOptions()).isEqualTo(reference.supportedOptions());
            for (SocketOption<?> option : reference.supportedOptions()) {
                assertThat((Object) s.getOption(option)).as(option.name()).isEqualTo(reference.getOption(option));
            }
            assertThat(s.getTrafficClass()).isEqualTo(reference.getTrafficClass());
            assertThat(s.getSoLinger()).isEqualTo(reference.getSoLinger());
            assertThat(s.getOOBInline()).isEqualTo(reference.getOOBInline());
        }
    }

    @Test
    void shouldKeepOptionsThatAreSetBeforeAndAfterConnecting() throws Exception {
        SocketPair p = socketPair();
        for (Socket s : new Socket[] {sockets.socket(), p.client(), p.server()}) {
            s.setTcpNoDelay(true);
            assertThat(s.getTcpNoDelay()).isTrue();
            assertThat(s.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            s.setKeepAlive(true);
            assertThat(s.getKeepAlive()).isTrue();
            s.setSoLinger(true, 7);
            assertThat(s.getSoLinger()).isEqualTo(7);
            s.setSoLinger(false, 0);
            assertThat(s.getSoLinger()).isEqualTo(-1);
            s.setReuseAddress(true);
            assertThat(s.getReuseAddress()).isTrue();
            s.setSendBufferSize(32 * 1024);
            assertThat(s.getSendBufferSize()).isGreaterThanOrEqualTo(32 * 1024);
            s.setReceiveBufferSize(32 * 1024);
            assertThat(s.getReceiveBufferSize()).isGreaterThanOrEqualTo(32 * 1024);
            s.setOption(StandardSocketOptions.SO_KEEPALIVE, false);
            assertThat(s.getKeepAlive()).isFalse();
            s.setTrafficClass(8);
            s.setPerformancePreferences(1, 2, 3);
        }
    }

    @Test
    void shouldRefuseWhatIsNoOptionOrNoValue() throws Exception {
        Socket s = sockets.socket();
        assertThatThrownBy(() -> s.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("'IP_MULTICAST_TTL' not supported");
        assertThatThrownBy(() -> s.setOption(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> s.setSoTimeout(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> s.setSendBufferSize(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> s.setTrafficClass(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> s.setSoLinger(true, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** "IllegalArgumentException - if the value is not a valid value for the option" */
    @Test
    void shouldRefuseNullForEveryOption() throws Exception {
        Socket s = sockets.socket();
        ServerSocket l = sockets.serverSocket();
        assertThat(l.supportedOptions()).contains(StandardSocketOptions.IP_TOS);
        for (SocketOption<?> option : s.supportedOptions()) {
            assertThatThrownBy(() -> s.setOption(option, null))
                    .as(option.name())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (SocketOption<?> option : l.supportedOptions()) {
            assertThatThrownBy(() -> l.setOption(option, null))
                    .as(option.name())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldRefuseOptionsWhenClosed() throws Exception {
        Socket s = socketPair().client();
        s.close();
        assertThatThrownBy(() -> s.setTcpNoDelay(true)).isInstanceOf(SocketException.class);
        assertThatThrownBy(s::getKeepAlive).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> s.getOption(StandardSocketOptions.SO_LINGER)).isInstanceOf(SocketException.class);
        assertThat(s.getLocalAddress().isAnyLocalAddress()).isTrue();
    }
}
