package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;

/** {@code SocketChannel.connect} and {@code finishConnect}. */
class FinishConnectContractTest extends Contract {
    private SocketChannel pending() throws Exception {
        SocketChannel c = world.open();
        c.configureBlocking(false);
        return c;
    }

    /** "If the connection attempt failed ... the channel will be closed", and with it its keys and its adaptor. */
    @Test
    void shouldCloseTheChannelAndItsKeysWhenItFails() throws Exception {
        SocketChannel c = pending();
        Selector s = world.selector(c);
        SelectionKey k = c.register(s, OP_CONNECT);
        assertThat(c.connect(world.deadPort())).isFalse();
        Io.selectUntil(s, k, OP_CONNECT);
        assertThat(k.isConnectable()).isTrue();
        assertThatThrownBy(c::finishConnect)
                .isExactlyInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
        assertThat(c.isOpen()).isFalse();
        assertThat(c.isConnected() || c.isConnectionPending()).isFalse();
        assertThat(c.socket().isClosed()).isTrue();
        assertThat(k.isValid()).isFalse();
        assertThatThrownBy(k::isConnectable).isExactlyInstanceOf(CancelledKeyException.class);
        assertThatThrownBy(c::finishConnect).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.read(ByteBuffer.allocate(1))).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> c.connect(world.anyPort())).isExactlyInstanceOf(ClosedChannelException.class);
        assertThat(s.selectNow()).isZero();
        assertThat(s.keys()).isEmpty();
    }

    /**
     * "If this channel is in blocking mode then this method will block until the connection either completes or fails"
     */
    @Test
    void shouldBlockWhenMadeBlocking() throws Exception {
        ServerSocketChannel listener = world.listen();
        SocketChannel c = pending();
        c.connect(listener.getLocalAddress());
        c.configureBlocking(true);
        assertThat(c.finishConnect()).isTrue();
        SocketChannel a = world.track(listener.accept());
        Io.write(c, "done");
        assertThat(Io.read(a, 4)).isEqualTo("done");

        SocketChannel refused = pending();
        refused.connect(world.deadPort());
        refused.configureBlocking(true);
        assertThatThrownBy(refused::finishConnect).isExactlyInstanceOf(ConnectException.class);
        assertThat(refused.isOpen()).isFalse();
    }

    /** "AsynchronousCloseException ... ClosedByInterruptException" */
    @Test
    void shouldEndWhenClosedOrInterruptedWhileItBlocks() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            SocketChannel closed = pending();
            assertThat(closed.connect(full.address())).isFalse();
            assertThat(closed.finishConnect()).isFalse();
            closed.configureBlocking(true);
            Background<Boolean> finishing =
                    Background.start(closed::finishConnect).insideOf("finishConnect");
            closed.close();
            assertThat(finishing.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);

            SocketChannel interrupted = pending();
            assertThat(interrupted.connect(full.address())).isFalse();
            interrupted.configureBlocking(true);
            Background<Boolean> waiting =
                    Background.start(interrupted::finishConnect).insideOf("finishConnect");
            waiting.interrupt();
            assertThat(waiting.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
            assertThat(interrupted.isOpen()).isFalse();
        }
    }

    /** "If ... an invocation of finishConnect ... is in progress" closing a pending channel ends it without a trace. */
    @Test
    void shouldForgetAPendingConnectionWhenClosed() throws Exception {
        try (FullBacklog full = new FullBacklog(world.anyPort())) {
            SocketChannel c = pending();
            Selector s = world.selector(c);
            SelectionKey k = c.register(s, OP_CONNECT);
            assertThat(c.connect(full.address())).isFalse();
            assertThat(s.selectNow()).isZero();
            c.close();
            assertThat(c.isConnectionPending()).isFalse();
            assertThat(k.isValid()).isFalse();
            assertThat(s.selectNow()).isZero();
            assertThat(s.keys()).isEmpty();
        }
    }

    /** "If this channel is already connected then this method will not block and will immediately return true." */
    @Test
    void shouldReturnTrueEverAfter() throws Exception {
        SocketChannel c = pair().client();
        assertThat(c.finishConnect()).isTrue();
        c.configureBlocking(false);
        assertThat(c.finishConnect()).isTrue();
        c.shutdownOutput();
        c.shutdownInput();
        assertThat(c.finishConnect()).isTrue();
    }
}
