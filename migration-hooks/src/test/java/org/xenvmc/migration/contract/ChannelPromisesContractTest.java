package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** Sentences of {@code SocketChannel}, {@code ServerSocketChannel} and {@code Selector} about locks, adaptors and their ends. */
class ChannelPromisesContractTest extends Contract {
    /** "The returned object will not declare any public methods that are not declared in the Socket (ServerSocket) class." */
    @Test
    void shouldAddNoPublicMethodsToItsAdaptors() throws Exception {
        assertNothingNew(pair().client().socket().getClass(), Socket.class);
        assertNothingNew(world.listen().socket().getClass(), ServerSocket.class);
    }

    private static void assertNothingNew(Class<?> adaptor, Class<?> promised) {
        List<String> known = Arrays.stream(promised.getMethods())
                .map(ChannelPromisesContractTest::signature)
                .toList();
        assertThat(Arrays.stream(adaptor.getMethods()).map(ChannelPromisesContractTest::signature))
                .allMatch(known::contains);
    }

    private static String signature(Method m) {
        return m.getName() + Arrays.toString(m.getParameterTypes());
    }

    /** "If a read or write operation is initiated while an invocation of this method is in progress then it will first block." */
    @Test
    void shouldHoldReadsAndWritesBackWhileItConnects() throws Exception {
        try (FullBacklog backlog = new FullBacklog(world.anyPort())) {
            SocketChannel c = world.open();
            Background<Boolean> connecting =
                    Background.start(() -> c.connect(backlog.address())).insideOf("connect");
            Background<Integer> reading =
                    Background.start(() -> c.read(ByteBuffer.allocate(1))).insideOf("read");
            Background<Integer> writing =
                    Background.start(() -> c.write(ByteBuffer.allocate(1))).insideOf("write");
            c.close();
            assertThat(connecting.failure()).isInstanceOf(ClosedChannelException.class);
            assertThat(reading.failure()).isInstanceOf(ClosedChannelException.class);
            assertThat(writing.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void shouldRefuseEverythingOfAListenerThatIsClosed() throws Exception {
        ServerSocketChannel l = world.listen();
        ServerSocket adaptor = l.socket();
        assertThat(l.socket()).isSameAs(adaptor);
        assertThat(adaptor.getChannel()).isSameAs(l);
        l.close();
        l.close();
        assertThat(adaptor.isClosed()).isTrue();
        assertThatThrownBy(() -> l.bind(null)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> l.getOption(StandardSocketOptions.SO_RCVBUF))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> l.setOption(StandardSocketOptions.SO_RCVBUF, 10_000))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> l.configureBlocking(false)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(l::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
    }

    /** "If the backlog parameter has the value 0, or a negative value, then an implementation specific default is used." */
    @Test
    void shouldListenWithADefaultBacklogWhenItIsNotPositive() throws Exception {
        for (int backlog : new int[] {0, -3}) {
            ServerSocketChannel l = world.track(world.server().openServerSocketChannel());
            assertThat(l.bind(world.anyPort(), backlog)).isSameAs(l);
            for (int i = 0; i < 3; i++) {
                assertThat(world.open().connect(l.getLocalAddress())).isTrue();
            }
            for (int i = 0; i < 3; i++) {
                assertThat(world.track(l.accept()).isConnected()).isTrue();
            }
        }
    }

    /** "The selection operations synchronize on the selector itself, on the selected-key set, in that order." */
    @Test
    void shouldSelectUnderTheLocksOfTheSelectorAndOfItsSelectedKeys() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        p.client().register(s, OP_WRITE);
        for (Object lock : new Object[] {s, s.selectedKeys()}) {
            Background<Integer> selecting;
            synchronized (lock) {
                selecting = Background.start(s::selectNow).insideOf("selectNow");
                assertThat(s.selectedKeys()).isEmpty();
            }
            assertThat(selecting.result()).isEqualTo(1);
            s.selectedKeys().clear();
        }
    }

    /** "ClosedSelectorException - If this selector is closed or is closed by the action" */
    @Test
    void shouldThrowWhenTheActionClosesTheSelector() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE | OP_READ);
        assertThatThrownBy(() -> s.select(key -> closed(s))).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThat(k.isValid()).isFalse();
        assertThat(p.client().isRegistered()).isFalse();
        p.client().configureBlocking(true);
        Io.write(p.client(), "on");
        p.server().configureBlocking(true);
        assertThat(Io.read(p.server(), 2)).isEqualTo("on");
    }

    private static void closed(Selector s) {
        try {
            s.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
