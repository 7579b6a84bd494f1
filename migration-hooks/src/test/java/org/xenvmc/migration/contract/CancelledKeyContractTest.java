package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** Keys that are cancelled while something is going on: {@code SelectionKey.cancel}, {@code Selector.select}. */
class CancelledKeyContractTest extends Contract {
    private Selector selector;

    private Pair open() throws Exception {
        Pair p = pair().blocking(false);
        if (selector == null) {
            selector = world.selector(p.client());
        }
        return p;
    }

    private SelectionKey key(int ops) throws Exception {
        return open().client().register(selector, ops);
    }

    /** "the key will be removed from all of the selector's key sets during the next selection operation" */
    @Test
    void shouldLeaveTheSelectedSetAtTheNextSelectionAndNotBefore() throws Exception {
        SelectionKey a = key(OP_WRITE);
        SelectionKey b = key(OP_WRITE);
        Io.selectUntil(selector, a, OP_WRITE);
        Io.selectUntil(selector, b, OP_WRITE);
        for (SelectionKey k : selector.selectedKeys()) {
            a.cancel(); // the set must not change under its iterator
            assertThat(k.isValid()).isEqualTo(k == b);
        }
        assertThat(selector.selectedKeys()).containsExactlyInAnyOrder(a, b);
        assertThat(selector.selectNow()).isZero();
        assertThat(selector.selectedKeys()).containsExactly(b);
        assertThat(selector.keys()).containsExactly(b);
    }

    /** "Once cancelled, a key remains forever invalid"; channel, selector and attachment can still be asked for */
    @Test
    void shouldStayInvalidForEver() throws Exception {
        Pair p = open();
        SelectionKey k = p.client().register(selector, OP_WRITE, "attached");
        k.cancel();
        k.cancel();
        selector.selectNow();
        k.cancel();
        SelectionKey next = p.client().register(selector, OP_WRITE);
        assertThat(next).isNotSameAs(k);
        assertThat(k.isValid()).isFalse();
        assertThat(next.isValid()).isTrue();
        assertThat(k.channel()).isSameAs(p.client());
        assertThat(k.selector()).isSameAs(selector);
        assertThat(k.attachment()).isEqualTo("attached");
        assertThat(k.attach("more")).isEqualTo("attached");
        assertThat(k.attachment()).isEqualTo("more");
        for (Runnable use : new Runnable[] {
            k::interestOps,
            k::readyOps,
            k::isReadable,
            k::isWritable,
            k::isConnectable,
            k::isAcceptable,
            () -> k.interestOps(OP_READ),
            () -> k.interestOpsOr(OP_READ),
            () -> k.interestOpsAnd(OP_READ)
        }) {
            assertThatThrownBy(use::run).isExactlyInstanceOf(CancelledKeyException.class);
        }
        assertThat(selector.selectNow()).isEqualTo(1);
    }

    /** "This method may be invoked at any time" */
    @Test
    void shouldNotWaitForASelectionUnderWay() throws Exception {
        Pair p = open();
        SelectionKey k = p.client().register(selector, OP_READ);
        Background<Integer> selecting =
                Background.start(() -> selector.select()).insideOf("select");
        Background.run(k::cancel).result();
        assertThat(k.isValid()).isFalse();
        Io.write(p.server(), "for nobody");
        selector.wakeup();
        assertThat(selecting.result()).isZero();
        assertThat(selector.selectNow()).isZero();
        assertThat(selector.keys()).isEmpty();
        assertThat(p.client().isRegistered()).isFalse();
        p.client().configureBlocking(true);
        assertThat(Io.read(p.client(), 10)).isEqualTo("for nobody");
    }

    /** What came before the key was cancelled is not reported afterwards, and not lost. */
    @Test
    void shouldNotSelectAKeyThatIsCancelledThoughItIsReady() throws Exception {
        Pair p = open();
        SelectionKey k = p.client().register(selector, OP_READ);
        Io.write(p.server(), "x");
        Io.awaitReady(p.client(), OP_READ);
        k.cancel();
        assertThat(selector.selectNow()).isZero();
        assertThat(selector.selectedKeys()).isEmpty();
        SelectionKey next = p.client().register(selector, OP_READ);
        Io.selectUntil(selector, next, OP_READ);
        assertThat(Io.readSome(p.client())).isEqualTo(1);
    }

    /** "IllegalBlockingModeException - If block is true and this channel is registered": not so with a cancelled key */
    @Test
    void shouldAllowBlockingModeAsSoonAsTheKeyIsCancelled() throws Exception {
        Pair p = open();
        SelectionKey k = p.client().register(selector, OP_READ);
        selector.selectNow();
        k.cancel();
        p.client().configureBlocking(true);
        Io.write(p.server(), "now");
        assertThat(Io.read(p.client(), 3)).isEqualTo("now");
        assertThat(selector.selectNow()).isZero();
    }

    @Test
    void shouldKeepTheKeysOfOtherSelectors() throws Exception {
        Pair p = open();
        Selector other = world.selector(p.client());
        SelectionKey here = p.client().register(selector, OP_READ);
        SelectionKey there = p.client().register(other, OP_READ);
        here.cancel();
        selector.selectNow();
        assertThat(p.client().keyFor(selector)).isNull();
        assertThat(p.client().keyFor(other)).isSameAs(there);
        assertThat(p.client().isRegistered()).isTrue();
        Io.write(p.server(), "x");
        Io.selectUntil(other, there, OP_READ);
        assertThat(selector.selectNow()).isZero();
    }

    /** select(Consumer): "the action is performed... the key may be cancelled" by it */
    @Test
    void shouldLetTheActionCancelItsKey() throws Exception {
        SelectionKey k = key(OP_WRITE);
        assertThat(selector.select(SelectionKey::cancel)).isEqualTo(1);
        assertThat(k.isValid()).isFalse();
        assertThat(selector.selectNow(key -> {
                    throw new AssertionError("nothing is registered");
                }))
                .isZero();
        assertThat(selector.keys()).isEmpty();
    }

    /** "Exceptions thrown by the action are relayed to the caller." */
    @Test
    void shouldRelayWhatTheActionThrows() throws Exception {
        SelectionKey k = key(OP_WRITE);
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        assertThatThrownBy(() -> selector.select(key -> {
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(selector.selectNow(key -> assertThat(key).isSameAs(k))).isEqualTo(1);
    }

    /**
     * "If ... a selection operation is invoked" by the action: IllegalStateException; closing: ClosedSelectorException
     */
    @Test
    void shouldNotSelectInsideOfAnAction() throws Exception {
        key(OP_WRITE);
        assertThatThrownBy(() -> selector.select(key -> {
                    try {
                        selector.selectNow();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .isExactlyInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> selector.select((java.util.function.Consumer<SelectionKey>) null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> selector.select(key -> {}, -1)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> selector.select(key -> {
                    try {
                        selector.close();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .isExactlyInstanceOf(ClosedSelectorException.class);
    }

    /** Channels whose keys are cancelled and made anew by another thread all the time deliver everything. */
    @Test
    void shouldLoseNothingWhenKeysComeAndGo() throws Exception {
        Pair p = open();
        SocketChannel c = p.client();
        p.server().configureBlocking(true);
        Background<Integer> reader = Background.start(() -> {
            int taken = 0;
            while (taken < 300) {
                SelectionKey k = c.register(selector, OP_READ);
                Io.selectUntil(selector, k, OP_READ);
                taken += Io.readSome(c);
                k.cancel();
                selector.selectNow();
            }
            return taken;
        });
        for (int i = 0; i < 300; i++) {
            Io.write(p.server(), "x");
        }
        assertThat(reader.result()).isEqualTo(300);
    }
}
