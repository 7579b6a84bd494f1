package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class AsyncConnectContractTest extends AsyncContract {
    @Test
    void shouldConnectAndTellTheHandlerWhenSomebodyListens() throws Exception {
        listener = listenAsync();
        Future<AsynchronousSocketChannel> accepted = listener.accept();
        AsynchronousSocketChannel c = openAsync();
        Recorder<Void> handler = new Recorder<>();
        Object attachment = new Object();
        c.connect(listener.getLocalAddress(), attachment, handler);
        assertThat(handler.result()).isNull();
        assertThat(handler.attachment()).isSameAs(attachment);
        AsynchronousSocketChannel s = world.track(get(accepted));
        assertThat(c.getRemoteAddress()).isEqualTo(s.getLocalAddress()).isEqualTo(listener.getLocalAddress());
        assertThat(s.getRemoteAddress()).isEqualTo(c.getLocalAddress());
        writeFully(c, ByteBuffer.wrap(new byte[] {'x'}));
        assertThat(read(s, 1)).isEqualTo("x");
        assertThat(handler.calls()).isEqualTo(1);
    }

    @Test
    void shouldReturnNullWhenConnectedByFuture() throws Exception {
        listener = listenAsync();
        AsynchronousSocketChannel c = openAsync();
        Future<Void> connect = c.connect(listener.getLocalAddress());
        assertThat(get(connect)).isNull();
        assertThat(connect.isDone()).isTrue();
        assertThat(connect.isCancelled()).isFalse();
        assertThat(connect.cancel(true)).isFalse();
        assertThat(c.isOpen()).isTrue();
    }

    @Test
    void shouldFailAndCloseWhenNobodyListens() throws Exception {
        AsynchronousSocketChannel c = openAsync();
        assertThat(failure(c.connect(world.deadPort())))
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
        assertThat(c.isOpen()).isFalse();
        AsynchronousSocketChannel other = openAsync();
        Recorder<Void> handler = new Recorder<>();
        other.connect(world.deadPort(), null, handler);
        assertThat(handler.failure()).isExactlyInstanceOf(ConnectException.class);
        assertThat(other.isOpen()).isFalse();
    }

    @Test
    void shouldThrowWhenTheAddressIsOfNoUse() throws Exception {
        AsynchronousSocketChannel c = openAsync();
        assertThatThrownBy(() -> c.connect(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> c.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 1)))
                .isExactlyInstanceOf(UnresolvedAddressException.class);
        assertThatThrownBy(() -> c.connect(UnixDomainSocketAddress.of("/tmp/nowhere")))
                .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
        assertThatThrownBy(() -> c.connect(world.anyPort(), null, null)).isInstanceOf(NullPointerException.class);
        assertThat(c.isOpen()).isTrue();
    }

    @Test
    void shouldThrowWhenConnectedAlready() throws Exception {
        AsyncPair p = asyncPair();
        assertThatThrownBy(() -> p.client().connect(listener.getLocalAddress()))
                .isExactlyInstanceOf(AlreadyConnectedException.class);
        assertThatThrownBy(() -> p.server().connect(listener.getLocalAddress()))
                .isExactlyInstanceOf(AlreadyConnectedException.class);
    }

    @Test
    void shouldThrowWhenNotConnectedYet() throws Exception {
        AsynchronousSocketChannel c = openAsync();
        ByteBuffer b = ByteBuffer.allocate(1);
        assertThatThrownBy(() -> c.read(b)).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> c.write(b)).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> c.read(b, null, new Recorder<>())).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> c.write(b, null, new Recorder<>()))
                .isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(c::shutdownInput).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(c::shutdownOutput).isExactlyInstanceOf(NotYetConnectedException.class);
        assertThat(c.getRemoteAddress()).isNull();
        assertThat(c.getLocalAddress()).isNull();
    }

    @Test
    void shouldThrowWhenAnotherConnectIsPending() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            AsynchronousSocketChannel c = openAsync();
            Future<Void> connect = c.connect(full.address());
            assertThatThrownBy(() -> c.connect(full.address())).isExactlyInstanceOf(ConnectionPendingException.class);
            assertThatThrownBy(() -> c.bind(null)).isExactlyInstanceOf(ConnectionPendingException.class);
            assertThatThrownBy(() -> c.read(ByteBuffer.allocate(1)))
                    .isExactlyInstanceOf(NotYetConnectedException.class);
            c.close();
            assertThat(failure(connect)).isExactlyInstanceOf(AsynchronousCloseException.class);
        }
    }

    @Test
    void shouldFailTheHandlerWhenClosedWhileConnecting() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            AsynchronousSocketChannel c = openAsync();
            Recorder<Void> handler = new Recorder<>();
            c.connect(full.address(), null, handler);
            c.close();
            assertThat(handler.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
            assertThat(isGroupThread(handler.thread())).isTrue();
        }
    }

    @Test
    void shouldBeOfNoUseWhenConnectWasCancelled() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            AsynchronousSocketChannel c = openAsync();
            Future<Void> connect = c.connect(full.address());
            assertThat(connect.cancel(false)).isTrue();
            assertThat(connect.isCancelled()).isTrue();
            assertThat(connect.isDone()).isTrue();
            assertThatThrownBy(connect::get).isInstanceOf(CancellationException.class);
            assertThat(c.isOpen()).isTrue();
            assertThatThrownBy(() -> c.connect(full.address())).isInstanceOf(RuntimeException.class);
            AsynchronousSocketChannel other = openAsync();
            assertThat(other.connect(full.address()).cancel(true)).isTrue();
            assertThat(other.isOpen()).isFalse();
        }
    }

    @Test
    void shouldFailWhenClosed() throws Exception {
        AsynchronousSocketChannel c = openAsync();
        c.close();
        assertThat(failure(c.connect(world.deadPort()))).isExactlyInstanceOf(ClosedChannelException.class);
        Recorder<Void> handler = new Recorder<>();
        c.connect(world.deadPort(), "a", handler);
        assertThat(handler.failure()).isExactlyInstanceOf(ClosedChannelException.class);
        assertThat(handler.attachment()).isEqualTo("a");
        assertThatThrownBy(() -> c.bind(null)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::getRemoteAddress).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::shutdownInput).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(c::shutdownOutput).isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldKeepItsAddressWhenBoundBefore() throws Exception {
        listener = listenAsync();
        AsynchronousSocketChannel c = openAsync();
        assertThat(c.bind(new InetSocketAddress(world.loopback(), 0))).isSameAs(c);
        InetSocketAddress local = (InetSocketAddress) c.getLocalAddress();
        assertThat(local.getPort()).isPositive();
        assertThatThrownBy(() -> c.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
        get(c.connect(listener.getLocalAddress()));
        assertThat(c.getLocalAddress()).isEqualTo(local);
    }

    @Test
    void shouldBelongToItsProviderWhenAsked() throws Exception {
        AsyncPair p = asyncPair();
        assertThat(p.client().provider()).isSameAs(clients).isSameAs(clientGroup.provider());
        assertThat(p.server().provider()).isSameAs(servers);
        assertThat(listener.provider()).isSameAs(servers);
    }

    @Test
    void shouldThrowWhenTheGroupIsShutDown() throws Exception {
        assumeFalse(kind.isReference(), "the JDK does so, too, and never closes the descriptors it made for it");
        AsynchronousChannelGroup ended = fixedGroup(clients, 1);
        ended.shutdown();
        assertThatThrownBy(() -> clients.openAsynchronousSocketChannel(ended))
                .isExactlyInstanceOf(ShutdownChannelGroupException.class);
        assertThatThrownBy(() -> clients.openAsynchronousServerSocketChannel(ended))
                .isExactlyInstanceOf(ShutdownChannelGroupException.class);
    }

    @Test
    void shouldThrowWhenTheGroupIsNotOfThisProvider() throws Exception {
        AsynchronousChannelGroup foreign = new ForeignGroup(clients);
        assertThatThrownBy(() -> clients.openAsynchronousSocketChannel(foreign))
                .isExactlyInstanceOf(IllegalChannelGroupException.class);
        assertThatThrownBy(() -> clients.openAsynchronousServerSocketChannel(foreign))
                .isExactlyInstanceOf(IllegalChannelGroupException.class);
    }

    /** A group that no provider made. */
    private static final class ForeignGroup extends AsynchronousChannelGroup {
        ForeignGroup(AsynchronousChannelProvider provider) {
            super(provider);
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public void shutdown() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void shutdownNow() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean awaitTermination(long timeout, java.util.concurrent.TimeUnit unit) {
            return false;
        }
    }
}
