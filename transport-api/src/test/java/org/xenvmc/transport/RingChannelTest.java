package org.xenvmc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xenvmc.transport.World.bytes;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/** A channel whose stream blocks outside the JDK's channel. */
class RingChannelTest {
    private final RingWorld w = new RingWorld(WaitStrategy.PARK, true);

    @AfterEach
    void end() throws IOException {
        w.close();
    }

    private static Background waiting(Background b) {
        World.await(() -> b.isDone() || b.thread.getState() == Thread.State.TIMED_WAITING);
        return b;
    }

    @Test
    void shouldCarryBytesPastTcp() throws Exception {
        Pair p = w.world.pair();
        p.client().write(bytes(1, 2, 3));
        ByteBuffer in = ByteBuffer.allocate(10);
        assertThat(p.server().read(in)).isEqualTo(3);
        assertThat(VmcConnections.info(p.server()).receiving().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(VmcConnections.info(p.server().socket()).id()).isEqualTo(7);
    }

    @Test
    void shouldEndTheReadWhenTheChannelIsClosed() throws Exception {
        SocketChannel c = w.world.pair().client();
        Background reader = waiting(w.world.background(() -> c.read(bytes(0))));
        c.close();
        assertThat(reader.outcome()).startsWith(AsynchronousCloseException.class.getName() + ":");
    }

    @Test
    void shouldEndTheReadAndCloseWhenTheThreadIsInterrupted() throws Exception {
        SocketChannel c = w.world.pair().client();
        Background reader = waiting(w.world.background(() -> c.read(bytes(0))));
        reader.thread.interrupt();
        assertThat(reader.outcome()).startsWith(ClosedByInterruptException.class.getName());
        assertThat(c.isOpen()).isFalse();
        assertThat(w.engine.streams).hasSize(1);
    }

    @Test
    void shouldEndTheWriteWhenTheChannelIsClosed() throws Exception {
        SocketChannel c = w.world.pair().client();
        Background writer = waiting(w.world.background(() -> c.write(ByteBuffer.allocate(1000))));
        c.close();
        assertThat(writer.outcome()).startsWith(AsynchronousCloseException.class.getName() + ":");
    }

    @Test
    void shouldSayThatADirectionIsShutDownAsSoonAsThatEndsSomebodysCall() throws Exception {
        SocketChannel c = w.world.pair().client();
        List<String> seen = new ArrayList<>();
        w.engine.stream(c).onShutdown =
                () -> seen.add(c.socket().isInputShutdown() + " " + c.socket().isOutputShutdown());
        c.shutdownInput();
        c.shutdownOutput();
        assertThat(seen).containsExactly("true false", "true true");
    }

    @Test
    void shouldCloseWhenTheThreadWasInterruptedBeforeEvenIfBytesAreThere() throws Exception {
        Pair p = w.world.pair();
        p.server().write(bytes(1));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> p.client().read(bytes(0))).isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(p.client().isOpen()).isFalse();
    }

    @Test
    void shouldReadWithTimeoutThroughTheAdaptor() throws Exception {
        Pair p = w.world.pair();
        p.client().socket().setSoTimeout(1);
        InputStream in = p.client().socket().getInputStream();
        assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
        p.server().socket().getOutputStream().write(new byte[] {1, 2});
        byte[] b = {9, 9, 9, 9, 9};
        p.client().socket().setSoTimeout(10_000);
        assertThat(in.available()).isEqualTo(2);
        assertThat(in.read(b, 1, 3)).isEqualTo(2);
        assertThat(Arrays.toString(b)).isEqualTo("[9, 1, 2, 9, 9]");
    }

    @Test
    void shouldWriteAllThroughTheAdaptor() throws Exception {
        Pair p = w.world.pair();
        Background writer = w.world.background(() -> {
            p.client().socket().getOutputStream().write(new byte[1000]);
            return "wrote";
        });
        assertThat(p.server().socket().getInputStream().readNBytes(1000)).hasSize(1000);
        assertThat(writer.outcome()).isEqualTo("wrote");
    }

    @Test
    void shouldPublishAndWithdrawPorts() throws Exception {
        ServerSocketChannel c = w.world.listener();
        assertThat(w.engine.listening).containsExactly((java.net.InetSocketAddress) c.getLocalAddress());
        c.close();
        assertThat(w.engine.listening).isEmpty();
        ServerSocketChannel other = w.world.keep(w.provider.openServerSocketChannel());
        other.socket().bind(World.anyPort());
        assertThat(w.engine.listening).hasSize(1);
    }

    @Test
    void shouldReportNoConnectionBeforeThereIsOne() throws Exception {
        SocketChannel c = w.world.socket();
        assertThatThrownBy(() -> VmcConnections.info(c)).isInstanceOf(NotYetConnectedException.class);
        SocketChannel jdk = w.world.keep(JdkSelectorProvider.get().openSocketChannel());
        assertThat(VmcConnections.isOurs(jdk)).isFalse();
        assertThatThrownBy(() -> VmcConnections.info(jdk))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SocketChannelImpl");
    }

    @Test
    void shouldCloseTheConnectionWhenTheEngineCannotTakeIt() throws Exception {
        VmcSelectorProvider broken = new VmcSelectorProvider(
                new VmcContext(), JdkSelectorProvider.get(), c -> new BrokenEngine(new IOException("no memory")));
        try (ServerSocketChannel listener = JdkSelectorProvider.get().openServerSocketChannel();
                SocketChannel c = broken.openSocketChannel()) {
            listener.bind(World.anyPort());
            assertThatThrownBy(() -> c.connect(listener.getLocalAddress())).hasMessage("no memory");
            assertThat(c.isOpen()).isFalse();
            try (SocketChannel accepted = listener.accept()) {
                assertThat(accepted.read(bytes(0))).isEqualTo(-1);
            }
        }
    }
}
