package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** Sentences of {@code SelectionKey} and {@code SelectableChannel} about keys, their sets and the locks around them. */
class KeyContractTest extends Contract {
    private static final int TURNS = 2000;

    /** "This method ... can be used to atomically set (clear) bits": what one thread does leaves the other's bit alone. */
    @Test
    void shouldKeepTheOtherBitWhenTwoThreadsChangeTheInterestAtOnce() throws Exception {
        Pair p = pair().blocking(false);
        SelectionKey k = p.client().register(world.selector(p.client()), 0);
        CountDownLatch go = new CountDownLatch(2);
        Background<Void> reading = Background.run(() -> toggle(k, OP_READ, go));
        Background<Void> writing = Background.run(() -> toggle(k, OP_WRITE, go));
        reading.result();
        writing.result();
        assertThat(k.interestOps()).isZero();
    }

    /** Sets and clears a bit that nobody else touches; each time it finds the bit as it left it. */
    private static void toggle(SelectionKey k, int bit, CountDownLatch go) throws InterruptedException {
        go.countDown();
        assertThat(go.await(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        for (int i = 0; i < TURNS; i++) {
            assertThat(k.interestOpsOr(bit) & bit).isZero();
            assertThat(k.interestOps() & bit).isEqualTo(bit);
            assertThat(k.interestOpsAnd(~bit) & bit).isEqualTo(bit);
        }
    }

    /** "Retrieves the object upon which the configureBlocking and register methods synchronize." */
    @Test
    void shouldWaitForTheBlockingLockWhenRegisteredOrMadeBlocking() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        Background<SelectionKey> registering;
        Background<?> configuring;
        synchronized (p.client().blockingLock()) {
            registering =
                    Background.start(() -> p.client().register(s, OP_READ)).insideOf("register");
            assertThat(p.client().isRegistered()).isFalse();
        }
        assertThat(registering.result().isValid()).isTrue();
        registering.result().cancel();
        s.selectNow();
        synchronized (p.client().blockingLock()) {
            configuring =
                    Background.start(() -> p.client().configureBlocking(true)).insideOf("configureBlocking");
        }
        configuring.result();
        assertThat(p.client().isBlocking()).isTrue();
    }

    @Test
    void shouldGiveBackTheAttachmentWhenAnotherTakesItsPlace() throws Exception {
        Pair p = pair().blocking(false);
        SelectionKey k = p.client().register(world.selector(p.client()), OP_READ);
        assertThat(k.attachment()).isNull();
        assertThat(k.attach("one")).isNull();
        assertThat(k.attach("two")).isEqualTo("one");
        assertThat(k.attachment()).isEqualTo("two");
        k.cancel();
        assertThat(k.attach(null)).as("also of a key that is cancelled").isEqualTo("two");
        assertThat(k.channel()).isSameAs(p.client());
        assertThat(k.selector().keys()).contains(k);
    }

    /** "If this key's channel does not support ... operations then this method always returns false." */
    @Test
    void shouldNotBeReadyForWhatItsChannelCannotDo() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        SelectionKey connection = p.client().register(s, OP_WRITE);
        ServerSocketChannel listener = world.listen();
        listener.configureBlocking(false);
        SelectionKey listening = listener.register(world.selector(listener), OP_ACCEPT);
        assertThat(s.select()).isEqualTo(1);
        assertThat(connection.isWritable()).isTrue();
        assertThat(connection.isAcceptable() || connection.isConnectable()).isFalse();
        assertThat(listening.isReadable() || listening.isWritable() || listening.isConnectable())
                .isFalse();
        assertThatThrownBy(() -> listening.interestOpsOr(OP_READ)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThat(listening.interestOps()).isEqualTo(OP_ACCEPT);
    }

    @Test
    void shouldRefuseASelectorThatIsClosedAndAnActionThatIsNone() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        assertThatThrownBy(() -> s.select(null)).isExactlyInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> s.selectNow(null)).isExactlyInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> s.select(k -> {}, -1)).isExactlyInstanceOf(IllegalArgumentException.class);
        s.close();
        assertThatThrownBy(() -> p.client().register(s, OP_READ)).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThatThrownBy(() -> s.selectNow(k -> {})).isExactlyInstanceOf(ClosedSelectorException.class);
        assertThat(p.client().isRegistered()).isFalse();
        assertThat(p.client().keyFor(s)).isNull();
    }

    /** "Keys may be removed from, but not directly added to, the selected-key set"; nobody changes the key set. */
    @Test
    void shouldLetTheApplicationOnlyRemoveSelectedKeys() throws Exception {
        Pair p = pair().blocking(false);
        Selector s = world.selector(p.client());
        SelectionKey k = p.client().register(s, OP_WRITE);
        assertThat(s.keys()).isSameAs(s.keys()).hasSize(1);
        Iterator<SelectionKey> all = s.keys().iterator();
        assertThat(all.next()).isSameAs(k);
        assertThatThrownBy(all::remove).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> s.keys().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(s.selectedKeys()).isSameAs(s.selectedKeys()).isEmpty();

        assertThat(s.select()).isEqualTo(1);
        Iterator<SelectionKey> selected = s.selectedKeys().iterator();
        assertThat(selected.next()).isSameAs(k);
        selected.remove();
        assertThat(s.selectedKeys()).isEmpty();
        assertThat(s.select()).as("ready still").isEqualTo(1);
        assertThat(s.selectedKeys().remove(k)).isTrue();
        assertThat(s.selectedKeys().remove(k)).isFalse();
        assertThat(s.select()).isEqualTo(1);
        assertThatThrownBy(() -> s.selectedKeys().addAll(s.keys())).isInstanceOf(UnsupportedOperationException.class);
    }
}
