package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Io;

class AsyncAcceptContractTest extends AsyncContract {
    private AsynchronousServerSocketChannel openServer() throws Exception {
        return world.track(servers.openAsynchronousServerSocketChannel(serverGroup));
    }

    @Test
    void shouldGiveOneConnectionPerAcceptWhenTheyWaitedOrNot() throws Exception {
        AsynchronousServerSocketChannel s = listenAsync();
        Recorder<AsynchronousSocketChannel> first = new Recorder<>();
        s.accept("a", first);
        AsynchronousSocketChannel c1 = openAsync();
        get(c1.connect(s.getLocalAddress()));
        AsynchronousSocketChannel a1 = world.track(first.result());
        assertThat(first.attachment()).isEqualTo("a");
        assertThat(isGroupThread(first.thread())).isTrue();
        assertThat(a1.isOpen()).isTrue();
        assertThat(a1.getRemoteAddress()).isEqualTo(c1.getLocalAddress());
        AsynchronousSocketChannel c2 = openAsync();
        get(c2.connect(s.getLocalAddress()));
        AsynchronousSocketChannel a2 = world.track(get(s.accept()));
        assertThat(a2.getRemoteAddress()).isEqualTo(c2.getLocalAddress());
        writeFully(a2, Io.text("2"));
        writeFully(a1, Io.text("1"));
        assertThat(read(c1, 1) + read(c2, 1)).isEqualTo("12");
    }

    @Test
    void shouldThrowWhenNotBound() throws Exception {
        AsynchronousServerSocketChannel s = openServer();
        assertThatThrownBy(s::accept).isExactlyInstanceOf(NotYetBoundException.class);
        assertThatThrownBy(() -> s.accept(null, new Recorder<>())).isExactlyInstanceOf(NotYetBoundException.class);
        assertThatThrownBy(() -> s.accept(null, null)).isInstanceOf(NullPointerException.class);
        assertThat(s.getLocalAddress()).isNull();
    }

    @Test
    void shouldThrowWhenAnotherAcceptIsPending() throws Exception {
        AsynchronousServerSocketChannel s = listenAsync();
        s.accept();
        assertThatThrownBy(s::accept).isExactlyInstanceOf(AcceptPendingException.class);
        assertThatThrownBy(() -> s.accept(null, new Recorder<>())).isExactlyInstanceOf(AcceptPendingException.class);
    }

    @Test
    void shouldFailWhenClosed() throws Exception {
        AsynchronousServerSocketChannel s = listenAsync();
        Recorder<AsynchronousSocketChannel> pending = new Recorder<>();
        s.accept(null, pending);
        s.close();
        assertThat(pending.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThat(s.isOpen()).isFalse();
        assertThat(failure(s.accept())).isExactlyInstanceOf(ClosedChannelException.class);
        Recorder<AsynchronousSocketChannel> later = new Recorder<>();
        s.accept("a", later);
        assertThat(later.failure()).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(s::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> s.bind(null)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> s.getOption(StandardSocketOptions.SO_REUSEADDR))
                .isExactlyInstanceOf(ClosedChannelException.class);
        AsynchronousServerSocketChannel other = listenAsync();
        Future<AsynchronousSocketChannel> future = other.accept();
        other.close();
        assertThat(failure(future)).isExactlyInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void shouldCloseTheConnectionWhenItsAcceptWasCancelled() throws Exception {
        AsynchronousServerSocketChannel s = listenAsync();
        Future<AsynchronousSocketChannel> accept = s.accept();
        assertThat(accept.cancel(false)).isTrue();
        assertThatThrownBy(accept::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(s::accept).isInstanceOf(RuntimeException.class);
        AsynchronousSocketChannel c = openAsync();
        get(c.connect(s.getLocalAddress()));
        assertThat(get(c.read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    }

    @Test
    void shouldListenOnceWhenBound() throws Exception {
        AsynchronousServerSocketChannel s = openServer();
        assertThat(s.bind(world.anyPort(), 3)).isSameAs(s);
        assertThat(((InetSocketAddress) s.getLocalAddress()).getPort()).isPositive();
        assertThatThrownBy(() -> s.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
        AsynchronousServerSocketChannel any = openServer().bind(null);
        assertThat(((InetSocketAddress) any.getLocalAddress()).getPort()).isPositive();
    }

    @Test
    void shouldTakeChannelsOfOtherKindsWhenTheyConnect() throws Exception {
        AsynchronousServerSocketChannel s = listenAsync();
        SocketChannel c = world.open();
        c.connect(s.getLocalAddress());
        AsynchronousSocketChannel a = world.track(get(s.accept()));
        Io.write(c, "plain");
        assertThat(read(a, 5)).isEqualTo("plain");
        writeFully(a, Io.text("async"));
        assertThat(Io.read(c, 5)).isEqualTo("async");
    }

    // -- options

    @Test
    void shouldHaveTheOptionsOfTheReference() throws Exception {
        var jdk = java.nio.channels.spi.AsynchronousChannelProvider.provider();
        Set<SocketOption<?>> server = new HashSet<>(openServer().supportedOptions());
        Set<SocketOption<?>> client = new HashSet<>(openAsync().supportedOptions());
        AsynchronousChannelGroup group = fixedGroup(jdk, 1);
        try (AsynchronousServerSocketChannel s = jdk.openAsynchronousServerSocketChannel(group);
                AsynchronousSocketChannel c = jdk.openAsynchronousSocketChannel(group)) {
            assertThat(server).isEqualTo(s.supportedOptions());
            assertThat(client).isEqualTo(c.supportedOptions());
        }
    }

    @Test
    void shouldKeepOptionsWhenSet() throws Exception {
        AsyncPair p = asyncPair();
        AsynchronousSocketChannel c = p.client();
        assertThat(c.setOption(StandardSocketOptions.TCP_NODELAY, true)).isSameAs(c);
        assertThat(c.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        c.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        assertThat(c.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        c.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
        assertThat(c.getOption(StandardSocketOptions.SO_RCVBUF)).isPositive();
        assertThatThrownBy(() -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
                .isExactlyInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> c.getOption(StandardSocketOptions.SO_LINGER))
                .isExactlyInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> c.getOption(null)).isInstanceOf(NullPointerException.class);
        AsynchronousServerSocketChannel s = openServer();
        assertThat(s.setOption(StandardSocketOptions.SO_REUSEADDR, true)).isSameAs(s);
        assertThat(s.getOption(StandardSocketOptions.SO_REUSEADDR)).isTrue();
        assertThatThrownBy(() -> s.getOption(StandardSocketOptions.TCP_NODELAY))
                .isExactlyInstanceOf(UnsupportedOperationException.class);
    }
}
