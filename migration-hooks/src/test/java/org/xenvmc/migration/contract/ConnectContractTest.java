package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

class ConnectContractTest extends Contract {
    @Test
    void shouldShowMirroredAddressesWhenConnected() throws Exception {
        Pair p = pair();
        assertThat(p.client().getRemoteAddress()).isEqualTo(p.server().getLocalAddress());
        assertThat(p.server().getRemoteAddress()).isEqualTo(p.client().getLocalAddress());
        assertThat(((InetSocketAddress) p.client().getLocalAddress()).getAddress())
                .isEqualTo(world.loopback());
        assertThat(p.client().isConnected()).isTrue();
        assertThat(p.server().isConnected()).isTrue();
        assertThat(p.client().isConnectionPending()).isFalse();
        assertThat(p.client().isBlocking()).isTrue();
        assertThat(p.server().isBlocking()).isTrue();
    }

    @Test
    void shouldNameItsProviderWhenAsked() throws Exception {
        Pair p = pair();
        assertThat(p.client().provider()).isSameAs(world.client());
        assertThat(p.server().provider()).isSameAs(world.server());
        assertThat(p.client().validOps())
                .isEqualTo(SelectionKey.OP_READ | SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT);
    }

    @Test
    void shouldFinishConnectWhenNotBlocking() throws Exception {
        ServerSocketChannel listener = world.listen();
        SocketChannel c = world.open();
        c.configureBlocking(false);
        if (!c.connect(listener.getLocalAddress())) {
            assertThat(c.isConnectionPending()).isTrue();
            assertThat(c.isConnected()).isFalse();
            Io.awaitReady(c, SelectionKey.OP_CONNECT);
            assertThat(c.finishConnect()).isTrue();
        }
        assertThat(c.isConnectionPending()).isFalse();
        assertThat(c.isConnected()).isTrue();
        assertThat(c.finishConnect()).isTrue();
        SocketChannel s = world.track(listener.accept());
        c.configureBlocking(true);
        Io.write(c, "hello");
        assertThat(Io.read(s, 5)).isEqualTo("hello");
    }

    @Test
    void shouldRefuseAndCloseWhenNobodyListens() throws Exception {
        SocketChannel c = world.open();
        InetSocketAddress dead = world.deadPort();
        assertThatThrownBy(() -> c.connect(dead))
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
        assertThat(c.isOpen()).isFalse();
    }

    @Test
    void shouldRefuseAndCloseWhenNobodyListensAndNotBlocking() throws Exception {
        SocketChannel c = world.open();
        c.configureBlocking(false);
        InetSocketAddress dead = world.deadPort();
        assertThat(c.connect(dead)).isFalse();
        Io.awaitReady(c, SelectionKey.OP_CONNECT);
        assertThatThrownBy(c::finishConnect)
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
        assertThat(c.isOpen()).isFalse();
    }

    @Test
    void shouldThrowWhenUsedBeforeConnected() throws Exception {
        SocketChannel c = world.open();
        assertThatThrownBy(() -> c.read(ByteBuffer.allocate(1))).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> c.write(ByteBuffer.allocate(1))).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(c::shutdownInput).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(c::shutdownOutput).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(c::finishConnect).isExactlyInstanceOf(NoConnectionPendingException.class);
        assertThat(c.getRemoteAddress()).isNull();
        assertThat(c.getLocalAddress()).isNull();
        assertThat(c.isOpen()).isTrue();
    }

    @Test
    void shouldThrowWhenConnectionIsPending() throws Exception {
        ServerSocketChannel listener = world.listen();
        SocketChannel c = world.open();
        c.configureBlocking(false);
        boolean connected = c.connect(listener.getLocalAddress());
        assertThat(connected).isFalse();
        assertThatThrownBy(() -> c.connect(listener.getLocalAddress()))
                .isExactlyInstanceOf(ConnectionPendingException.class);
        assertThatThrownBy(() -> c.bind(null)).isExactlyInstanceOf(ConnectionPendingException.class);
        assertThatThrownBy(() -> c.read(ByteBuffer.allocate(1))).isExactlyInstanceOf(NotYetConnectedException.class);
    }

    @Test
    void shouldThrowWhenConnectedOrBoundTwice() throws Exception {
        Pair p = pair();
        assertThatThrownBy(() -> p.client().connect(world.anyPort()))
                .isExactlyInstanceOf(AlreadyConnectedException.class);
        assertThatThrownBy(() -> p.server().connect(world.anyPort()))
                .isExactlyInstanceOf(AlreadyConnectedException.class);
        assertThatThrownBy(() -> p.client().bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
        SocketChannel bound = world.open();
        bound.bind(world.anyPort());
        assertThatThrownBy(() -> bound.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
    }

    @Test
    void shouldKeepItsLocalAddressWhenBoundBeforeConnecting() throws Exception {
        ServerSocketChannel listener = world.listen();
        SocketChannel c = world.open();
        c.bind(world.anyPort());
        InetSocketAddress bound = (InetSocketAddress) c.getLocalAddress();
        assertThat(c.connect(listener.getLocalAddress())).isTrue();
        SocketChannel s = world.track(listener.accept());
        assertThat(c.getLocalAddress()).isEqualTo(bound);
        assertThat(s.getRemoteAddress()).isEqualTo(bound);
    }

    @Test
    void shouldTalkToItselfWhenConnectedToItself() throws Exception {
        SocketChannel c = world.open();
        c.bind(world.anyPort());
        assertThat(c.connect(c.getLocalAddress())).isTrue();
        assertThat(c.getRemoteAddress()).isEqualTo(c.getLocalAddress());
        c.setOption(StandardSocketOptions.TCP_NODELAY, true);
        for (int i = 0; i < 200; i++) {
            Io.write(c, "echo " + i % 10);
            assertThat(Io.read(c, 6)).isEqualTo("echo " + i % 10);
        }
        c.shutdownOutput();
        assertThat(Io.readSome(c)).isEqualTo(-1);
    }

    @Test
    void shouldThrowWhenAddressCannotBeUsed() throws Exception {
        SocketChannel c = world.open();
        assertThatThrownBy(() -> c.connect(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> c.connect(InetSocketAddress.createUnresolved("nowhere", 1)))
                .isExactlyInstanceOf(UnresolvedAddressException.class);
        assertThatThrownBy(() -> c.connect(UnixDomainSocketAddress.of("/tmp/none")))
                .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
        assertThat(c.isOpen()).isTrue();
    }

    @Test
    void shouldTakeOnlyItsFamilyWhenOpenedForOne() throws Exception {
        SocketChannel c = world.track(world.client().openSocketChannel(StandardProtocolFamily.INET));
        InetSocketAddress v6 = new InetSocketAddress(InetAddress.getByName("::1"), 1);
        assertThatThrownBy(() -> c.connect(v6)).isExactlyInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(() -> c.bind(v6)).isExactlyInstanceOf(UnsupportedAddressTypeException.class);
        ServerSocketChannel s = world.track(world.server().openServerSocketChannel(StandardProtocolFamily.INET));
        s.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        assertThat(c.connect(s.getLocalAddress())).isTrue();
        world.track(s.accept());
    }

    @Test
    void shouldReachIpv4ListenerThroughAnyAddressWhenListeningOnAll() throws Exception {
        ServerSocketChannel s = world.track(world.server().openServerSocketChannel());
        s.bind(null);
        int port = ((InetSocketAddress) s.getLocalAddress()).getPort();
        SocketChannel c = world.open();
        assertThat(c.connect(new InetSocketAddress(world.loopback(), port))).isTrue();
        SocketChannel a = world.track(s.accept());
        assertThat(((InetSocketAddress) a.getRemoteAddress()).getAddress()).isEqualTo(world.loopback());
        for (int i = 0; i < 50; i++) {
            Io.write(c, "ping");
            assertThat(Io.read(a, 4)).isEqualTo("ping");
            Io.write(a, "pong");
            assertThat(Io.read(c, 4)).isEqualTo("pong");
        }
    }
}
