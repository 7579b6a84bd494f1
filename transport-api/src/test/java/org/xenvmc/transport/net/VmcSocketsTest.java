package org.xenvmc.transport.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

class VmcSocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final VmcSelectorProvider vm = new VmcSelectorProvider(new VmcContext());

    @Test
    void shouldConnectInEveryWayThatAFactoryHas() throws Exception {
        try (ServerSocket listener = VmcSockets.serverSocketFactory(vm).createServerSocket(0, 5, LOOPBACK)) {
            int port = listener.getLocalPort();
            var factory = VmcSockets.socketFactory(vm);
            Socket unconnected = factory.createSocket();
            unconnected.connect(listener.getLocalSocketAddress());
            for (Socket s : new Socket[] {
                unconnected,
                factory.createSocket(LOOPBACK, port),
                factory.createSocket(LOOPBACK.getHostAddress(), port),
                factory.createSocket(LOOPBACK, port, LOOPBACK, 0),
                factory.createSocket(LOOPBACK.getHostAddress(), port, LOOPBACK, 0)
            }) {
                try (s;
                        Socket accepted = listener.accept()) {
                    s.getOutputStream().write('x');
                    assertThat(accepted.getInputStream().read()).isEqualTo('x');
                    assertThat(VmcConnections.info(s).sending().bytes()).isEqualTo(1);
                    assertThat(VmcSockets.info(accepted)
                                    .orElseThrow()
                                    .receiving()
                                    .path())
                            .isEqualTo(Path.TCP);
                }
            }
            assertThat(VmcSockets.info(factory.createSocket())).isEmpty();
        }
    }

    @Test
    void shouldCloseASocketThatNobodyRefersTo() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 5, LOOPBACK)) {
            forget(listener.getLocalPort());
            try (Socket accepted = listener.accept()) {
                CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> {
                    try {
                        return accepted.getInputStream().read();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> {
                    System.gc();
                    return end.isDone();
                });
                assertThat(end.get()).isEqualTo(-1);
            }
        }
    }

    private void forget(int port) throws Exception {
        assertThat(VmcSockets.socketFactory(vm).createSocket(LOOPBACK, port).isConnected())
                .isTrue();
    }

    @Test
    void shouldRefuseForeignImplementations() throws Exception {
        VmcSocketImpl created = new VmcSocketImpl(() -> vm, false);
        created.create(true);
        assertThatThrownBy(() -> created.create(true)).hasMessage("Already created");
        VmcSocketImpl server = new VmcSocketImpl(() -> vm, true);
        server.create(true);
        assertThatThrownBy(() -> server.accept(created)).hasMessage("Not a newly created SocketImpl");
        assertThatThrownBy(() -> server.listen(1)).hasMessage("Not bound");
        created.close();
        server.close();
        assertThatThrownBy(() -> created.getOption(java.net.SocketOptions.TCP_NODELAY))
                .hasMessage("Socket closed");
    }
}
