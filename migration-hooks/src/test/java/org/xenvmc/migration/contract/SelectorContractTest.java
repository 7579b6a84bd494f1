package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** Keys and sets of keys. */
class SelectorContractTest extends Contract {
    private Pair open() throws Exception {
        return pair().blocking(false);
    }

    @Test
    void shouldDescribeTheKey() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        Object attachment = new Object();
        SelectionKey k = p.client().register(s, OP_READ, attachment);
        assertThat(k.channel()).isSameAs(p.client());
        assertThat(k.selector()).isSameAs(s);
        assertThat(k.attachment()).isSameAs(attachment);
        assertThat(k.interestOps()).isEqualTo(OP_READ);
        assertThat(k.readyOps()).isZero();
        assertThat(k.isValid()).isTrue();
        assertThat(p.client().keyFor(s)).isSameAs(k);
        assertThat(p.client().isRegistered()).isTrue();
        assertThat(s.keys()).containsExactly(k);
        assertThat(s.provider()).isSameAs(world.client());
        assertThat(s.isOpen()).isTrue();
        assertThat(p.client().register(s, OP_WRITE, null)).isSameAs(k);
        assertThat(k.interestOps()).isEqualTo(OP_WRITE);
        assertThat(k.attachment()).isNull();
        assertThat(k.interestOpsOr(OP_READ)).isEqualTo(OP_WRITE);
        assertThat(k.interestOpsAnd(OP_READ)).isEqualTo(OP_READ | OP_WRITE);
        assertThat(k.interestOps()).isEqualTo(OP_READ);
    }

    @Test
    void shouldRefuseRegistrationsThatDoNotFit() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        assertThatThrownBy(() -> p.client().register(s, OP_ACCEPT)).isExactlyInstanceOf(IllegalArgumentException.class);
        SelectionKey k = p.client().register(s, OP_READ);
        assertThatThrownBy(() -> k.interestOps(OP_ACCEPT)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> p.client().configureBlocking(true))
                .isExactlyInstanceOf(IllegalBlockingModeException.class);
        SocketChannel blocking = pair().client();
        assertThatThrownBy(() -> blocking.register(s, OP_READ)).isExactlyInstanceOf(IllegalBlockingModeException.class);
        p.server().close();
        assertThatThrownBy(() -> p.server().register(world.selector(p.server()), OP_READ))
                .isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldForgetTheKeyWhenCancelled() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE);
        assertThat(s.select()).isEqualTo(1);
        k.cancel();
        assertThat(k.isValid()).isFalse();
        assertThatThrownBy(k::interestOps).isExactlyInstanceOf(CancelledKeyException.class);
        assertThatThrownBy(k::readyOps).isExactlyInstanceOf(CancelledKeyException.class);
        assertThatThrownBy(() -> p.client().register(s, OP_READ)).isExactlyInstanceOf(CancelledKeyException.class);
        assertThat(s.keys()).containsExactly(k);
        assertThat(s.selectNow()).isZero();
        assertThat(s.keys()).isEmpty();
        assertThat(s.selectedKeys()).isEmpty();
        assertThat(p.client().isRegistered()).isFalse();
        assertThat(p.client().register(s, OP_WRITE)).isNotSameAs(k);
        assertThat(s.selectNow()).isEqualTo(1);
    }

    @Test
    void shouldForgetTheKeyWhenChannelIsClosed() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE);
        assertThat(s.selectNow()).isEqualTo(1);
        p.client().close();
        assertThat(k.isValid()).isFalse();
        p.server().configureBlocking(true);
        assertThat(Io.readSome(p.server()))
                .as("the end comes before the next select")
                .isEqualTo(-1);
        assertThat(s.selectNow()).isZero();
        assertThat(s.keys()).isEmpty();
        assertThat(s.selectedKeys()).isEmpty();
    }

    @Test
    void shouldEndEverythingWhenSelectorIsClosed() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_READ);
        s.close();
        s.close();
        assertThat(s.isOpen()).isFalse();
        assertThat(k.isValid()).isFalse();
        assertThat(p.client().isRegistered()).isFalse();
        assertThatThrownBy(s::select).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThatThrownBy(s::selectNow).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThatThrownBy(s::keys).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThatThrownBy(s::selectedKeys).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThat(s.wakeup()).isSameAs(s);
        p.client().configureBlocking(true);
        p.server().configureBlocking(true);
        Io.write(p.client(), "goes on");
        assertThat(Io.read(p.server(), 7)).isEqualTo("goes on");
    }

    @Test
    void shouldReturnWhenSelectorIsClosedDuringSelect() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        Background<Integer> selecting = Background.start(s::select).insideOf("select");
        s.close();
        assertThat(selecting.result()).isZero();
        assertThatThrownBy(s::select).isExactlyInstanceOf(ClosedSelectorException.class);
    }

    @Test
    void shouldReturnWhenWokenUp() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        Background<Integer> selecting = Background.start(s::select).insideOf("select");
        assertThat(s.wakeup()).isSameAs(s);
        assertThat(selecting.result()).isZero();
        s.wakeup();
        s.wakeup();
        assertThat(s.select()).isZero();
        assertThat(s.selectNow()).isZero();
        assertThat(s.select(5)).isZero();
        s.wakeup();
        assertThat(s.selectNow()).isZero();
        assertThat(s.select(5)).isZero();
    }

    @Test
    void shouldWaitForReadinessOnlyAsLongAsAsked() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        p.client().register(s, OP_READ);
        assertThat(s.select(20)).isZero();
        assertThat(s.selectNow()).isZero();
        assertThatThrownBy(() -> s.select(-1)).isExactlyInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldLeaveSelectedKeysToTheApplication() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE);
        assertThat(s.select()).isEqualTo(1);
        assertThat(s.selectNow()).as("nothing new").isZero();
        assertThat(s.selectedKeys()).containsExactly(k);
        Io.write(p.server(), "x");
        Io.awaitReady(p.client(), OP_READ);
        k.interestOps(OP_READ);
        assertThat(s.select()).as("one more operation of a selected key").isEqualTo(1);
        assertThat(k.readyOps()).isEqualTo(OP_READ | OP_WRITE);
        s.selectedKeys().clear();
        assertThat(s.selectNow()).isEqualTo(1);
        assertThat(k.readyOps()).isEqualTo(OP_READ);
        assertThatThrownBy(() -> s.selectedKeys().add(k)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> s.keys().remove(k)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void shouldRunTheActionForEachReadyKey() throws Exception {
        Pair p = open();
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE | OP_READ);
        int[] calls = {0};
        for (int i = 0; i < 3; i++) {
            int n = s.select(key -> {
                assertThat(key).isSameAs(k);
                assertThat(key.isWritable()).isTrue();
                assertThat(key.isReadable()).isFalse();
                calls[0]++;
            });
            assertThat(n).isEqualTo(1);
        }
        assertThat(calls[0]).isEqualTo(3);
        assertThat(s.selectedKeys()).isEmpty();
        k.interestOps(OP_READ);
        assertThat(s.selectNow(key -> calls[0]++)).isZero();
        assertThat(s.select(key -> calls[0]++, 5)).isZero();
    }

    @Test
    void shouldReportConnectAndAcceptOnce() throws Exception {
        var listener = world.listen();
        listener.configureBlocking(false);
        Selector acceptor = world.selector(listener);
        SelectionKey accepting = listener.register(acceptor, OP_ACCEPT);
        SocketChannel c = world.open();
        c.configureBlocking(false);
        Selector connector = world.selector(c);
        SelectionKey connecting = c.register(connector, OP_CONNECT);
        c.connect(listener.getLocalAddress());
        assertThat(connector.select()).isEqualTo(1);
        assertThat(connecting.isConnectable()).isTrue();
        assertThat(c.finishConnect()).isTrue();
        connecting.interestOps(OP_WRITE);
        connector.selectedKeys().clear();
        assertThat(connector.select()).isEqualTo(1);
        assertThat(connecting.readyOps()).isEqualTo(OP_WRITE);
        assertThat(acceptor.select()).isEqualTo(1);
        assertThat(accepting.isAcceptable()).isTrue();
        world.track(listener.accept());
        acceptor.selectedKeys().clear();
        assertThat(acceptor.selectNow()).isZero();
    }
}
