package org.xenvmc.migration.contract;

import static java.net.StandardSocketOptions.IP_MULTICAST_TTL;
import static java.net.StandardSocketOptions.SO_KEEPALIVE;
import static java.net.StandardSocketOptions.SO_LINGER;
import static java.net.StandardSocketOptions.SO_RCVBUF;
import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static java.net.StandardSocketOptions.SO_SNDBUF;
import static java.net.StandardSocketOptions.TCP_NODELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

class OptionsContractTest extends Contract {
    private static Map<String, Object> values(NetworkChannel channel) throws Exception {
        Map<String, Object> values = new HashMap<>();
        for (SocketOption<?> option : channel.supportedOptions()) {
            // a number that the kernel gives out; the same on no two connections
            if (!option.name().equals("SO_INCOMING_NAPI_ID")) {
                values.put(option.name(), channel.getOption(option));
            }
        }
        return values;
    }

    @Test
    void shouldSupportTheSameOptionsWithTheSameDefaultsAsTheJdk() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(world.anyPort());
                SocketChannel reference = SocketChannel.open(listener.getLocalAddress());
                SocketChannel unconnected = SocketChannel.open()) {
            Pair p = world.plainPair();
            assertThat(p.client().supportedOptions()).isEqualTo(reference.supportedOptions());
            assertThat(world.listen().supportedOptions()).isEqualTo(listener.supportedOptions());
            assertThat(values(world.open())).isEqualTo(values(unconnected));
            Map<String, Object> ours = values(p.client());
            Map<String, Object> theirs = values(reference);
            for (String tuned : new String[] {"SO_RCVBUF", "SO_SNDBUF", "TCP_QUICKACK"}) {
                // the kernel adapts these to the traffic
                assertThat(ours.remove(tuned)).isNotNull();
                theirs.remove(tuned);
            }
            assertThat(ours).isEqualTo(theirs);
        }
    }

    @Test
    void shouldKeepWhatWasSetOnBothEnds() throws Exception {
        Pair p = pair();
        for (SocketChannel c : new SocketChannel[] {p.client(), p.server()}) {
            assertThat(c.setOption(TCP_NODELAY, true)).isSameAs(c);
            assertThat(c.getOption(TCP_NODELAY)).isTrue();
            c.setOption(TCP_NODELAY, false);
            assertThat(c.getOption(TCP_NODELAY)).isFalse();
            c.setOption(SO_KEEPALIVE, true);
            assertThat(c.getOption(SO_KEEPALIVE)).isTrue();
            c.setOption(SO_KEEPALIVE, false);
            assertThat(c.getOption(SO_KEEPALIVE)).isFalse();
            c.setOption(SO_LINGER, 3);
            assertThat(c.getOption(SO_LINGER)).isEqualTo(3);
            c.setOption(SO_LINGER, -1);
            assertThat(c.getOption(SO_LINGER)).isEqualTo(-1);
            c.setOption(SO_REUSEADDR, true);
            assertThat(c.getOption(SO_REUSEADDR)).isTrue();
            c.setOption(SO_REUSEPORT, true);
            assertThat(c.getOption(SO_REUSEPORT)).isTrue();
        }
    }

    @Test
    void shouldSetBufferSizesAsTheJdkDoes() throws Exception {
        Pair p = pair();
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(world.anyPort());
                SocketChannel reference = SocketChannel.open(listener.getLocalAddress())) {
            for (int size : new int[] {1, 10_000, 100_000}) {
                reference.setOption(SO_SNDBUF, size).setOption(SO_RCVBUF, size);
                p.client().setOption(SO_SNDBUF, size).setOption(SO_RCVBUF, size);
                assertThat(p.client().getOption(SO_SNDBUF)).isEqualTo(reference.getOption(SO_SNDBUF));
                assertThat(p.client().getOption(SO_RCVBUF)).isEqualTo(reference.getOption(SO_RCVBUF));
            }
        }
        Io.write(p.client(), "still fine");
        assertThat(Io.read(p.server(), 10)).isEqualTo("still fine");
    }

    @Test
    void shouldRefuseOptionsThatDoNotFit() throws Exception {
        SocketChannel c = pair().client();
        assertThatThrownBy(() -> c.setOption(IP_MULTICAST_TTL, 1))
                .isExactlyInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> c.getOption(IP_MULTICAST_TTL))
                .isExactlyInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> c.setOption(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> c.getOption(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> c.setOption(SO_SNDBUF, -1)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> c.setOption(SO_SNDBUF, null)).isExactlyInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldKeepWhatWasSetThroughAdaptor() throws Exception {
        Pair p = pair();
        Socket s = p.client().socket();
        s.setTcpNoDelay(true);
        assertThat(s.getTcpNoDelay()).isTrue();
        assertThat(p.client().getOption(TCP_NODELAY)).isTrue();
        s.setKeepAlive(true);
        assertThat(s.getKeepAlive()).isTrue();
        s.setSoLinger(true, 7);
        assertThat(s.getSoLinger()).isEqualTo(7);
        s.setSoLinger(false, 0);
        assertThat(s.getSoLinger()).isEqualTo(-1);
        s.setReuseAddress(true);
        assertThat(s.getReuseAddress()).isTrue();
        s.setReceiveBufferSize(20_000);
        assertThat(s.getReceiveBufferSize()).isPositive();
        s.setTrafficClass(0x10);
        assertThat(s.getTrafficClass()).isEqualTo(0x10);
        assertThat(s.supportedOptions()).isNotEmpty();
    }

    @Test
    void shouldInheritFromListener() throws Exception {
        ServerSocketChannel ours = world.track(world.server().openServerSocketChannel());
        ours.setOption(SO_RCVBUF, 50_000);
        ours.bind(world.anyPort(), 10);
        try (ServerSocketChannel reference = ServerSocketChannel.open()) {
            reference.setOption(SO_RCVBUF, 50_000);
            assertThat(ours.getOption(SO_RCVBUF)).isEqualTo(reference.getOption(SO_RCVBUF));
        }
        SocketChannel c = world.open();
        c.connect(ours.getLocalAddress());
        SocketChannel a = world.track(ours.accept());
        assertThat(a.getOption(SO_RCVBUF)).isGreaterThanOrEqualTo(50_000);
    }
}
