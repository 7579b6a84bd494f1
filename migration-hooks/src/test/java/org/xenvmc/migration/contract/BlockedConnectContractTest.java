package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;

class BlockedConnectContractTest extends Contract {
    private FullBacklog backlog;

    @BeforeEach
    void fillBacklog() throws Exception {
        backlog = new FullBacklog(world.anyPort());
    }

    @AfterEach
    void closeBacklog() throws Exception {
        backlog.close();
    }

    @Test
    void shouldThrowAsynchronousCloseWhenClosedWhileConnecting() throws Exception {
        SocketChannel c = world.open();
        Background<Boolean> connecting =
                Background.start(() -> c.connect(backlog.address())).insideOf("connect");
        c.close();
        assertThat(connecting.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void shouldThrowClosedByInterruptWhenInterruptedWhileConnecting() throws Exception {
        SocketChannel c = world.open();
        Background<Boolean> connecting =
                Background.start(() -> c.connect(backlog.address())).insideOf("connect");
        connecting.interrupt();
        assertThat(connecting.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(c.isOpen()).isFalse();
    }

    @Test
    void shouldTimeOutAndCloseWhenAdaptorConnectsWithLimit() throws Exception {
        Socket socket = world.open().socket();
        assertThatThrownBy(() -> socket.connect(backlog.address(), 50))
                .isExactlyInstanceOf(SocketTimeoutException.class);
        assertThat(socket.isClosed()).isTrue();
        assertThat(socket.getChannel().isOpen()).isFalse();
    }

    @Test
    void shouldStayPendingWhenNotBlocking() throws Exception {
        SocketChannel c = world.open();
        c.configureBlocking(false);
        assertThat(c.connect(backlog.address())).isFalse();
        assertThat(c.finishConnect()).isFalse();
        assertThat(c.isConnectionPending()).isTrue();
    }
}
