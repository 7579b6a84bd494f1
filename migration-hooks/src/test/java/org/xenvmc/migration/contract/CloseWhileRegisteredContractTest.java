package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

/**
 * {@code Channel.close} of channels that are registered: {@code SelectableChannel}, {@code AbstractSelectableChannel}.
 */
class CloseWhileRegisteredContractTest extends Contract {
    private final StreamPattern pattern = new StreamPattern(41);

    private Pair open() throws Exception {
        return pair().blocking(false);
    }

    /** "Closing a channel implicitly cancels all of its keys"; the peer need not wait for the selector. */
    @Test
    void shouldTellThePeerThoughASelectionIsUnderWay() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        p.client().write(pattern.bytes(0, 5000));
        Background<Integer> selecting = Background.start(() -> s.select()).insideOf("select");
        Background.run(p.client()::close).result();
        assertThat(k.isValid()).isFalse();
        p.server().configureBlocking(true);
        Io.receive(p.server(), pattern, 0, 5000, 700);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
        s.wakeup();
        assertThat(selecting.result()).isZero();
        assertThat(s.selectNow()).isZero();
        assertThat(s.keys()).isEmpty();
    }

    @Test
    void shouldCancelTheKeysOfAllSelectors() throws Exception {
        Pair p = open();
        Selector a = world.selector(p.client());
        Selector b = world.selector(p.client());
        SelectionKey ka = p.client().register(a, OP_WRITE);
        SelectionKey kb = p.client().register(b, OP_READ);
        Io.selectUntil(a, ka, OP_WRITE);
        p.client().close();
        assertThat(ka.isValid() || kb.isValid()).isFalse();
        assertThat(a.selectNow()).isZero();
        assertThat(b.selectNow()).isZero();
        assertThat(a.selectedKeys()).isEmpty();
        assertThat(a.keys()).isEmpty();
        assertThat(b.keys()).isEmpty();
        p.server().configureBlocking(true);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    /** Closed by the action, or while the selected keys are looked at. */
    @Test
    void shouldForgetAChannelThatIsClosedWhileItIsSelected() throws Exception {
        Pair p = open();
        Pair q = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_WRITE);
        SelectionKey stays = q.client().register(s, OP_WRITE);
        Io.selectUntil(s, stays, OP_WRITE);
        Io.selectUntil(s, p.client().keyFor(s), OP_WRITE);
        for (SelectionKey k : s.selectedKeys()) {
            if (k != stays) {
                k.channel().close();
            }
        }
        assertThat(s.selectNow()).isZero();
        assertThat(s.selectedKeys()).containsExactly(stays);
        int[] calls = {0};
        s.select(k -> {
            calls[0]++;
            try {
                k.channel().close();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(calls[0]).isEqualTo(1);
        s.selectNow();
        assertThat(s.keys()).isEmpty();
    }

    /** Both ends in one selector, closed one after the other: the survivor sees the end. */
    @Test
    void shouldReportTheEndToTheOtherEndInTheSameSelector() throws Exception {
        Pair p = open();
        Assumptions.assumeTrue(
                p.client().provider() == p.server().provider(), "a selector is for channels of its own provider");
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        p.server().register(s, OP_READ);
        p.server().close();
        Io.selectUntil(s, k, OP_READ);
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
        p.client().close();
        s.selectNow();
        assertThat(s.keys()).isEmpty();
    }

    /** A listener that was closed accepts nobody, as soon as its selector has forgotten it. */
    @Test
    void shouldRefuseConnectionsWhenAListenerIsClosed() throws Exception {
        ServerSocketChannel listener = world.listen();
        listener.configureBlocking(false);
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        Selector s = world.selector(listener);
        SelectionKey k = listener.register(s, OP_ACCEPT);
        assertThat(s.selectNow()).isZero();
        listener.close();
        assertThat(k.isValid()).isFalse();
        assertThatThrownBy(listener::accept).isExactlyInstanceOf(ClosedChannelException.class);
        s.selectNow();
        assertThat(s.keys()).isEmpty();
        assertThatThrownBy(() -> world.open().connect(address)).isExactlyInstanceOf(ConnectException.class);
    }

    /** A half-closed connection in a selector: the end is readable for ever, and closing ends it. */
    @Test
    void shouldStayReadableAfterTheEndUntilClosed() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        p.server().shutdownOutput();
        for (int i = 0; i < 3; i++) {
            Io.selectUntil(s, k, OP_READ);
            assertThat(Io.readSome(p.client())).isEqualTo(-1);
            s.selectedKeys().clear();
        }
        p.client().close();
        assertThat(s.selectNow()).isZero();
        assertThat(s.keys()).isEmpty();
    }
}
