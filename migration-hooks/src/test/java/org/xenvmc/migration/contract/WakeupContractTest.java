package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** {@code Selector.wakeup}, and interrupts, which are the same with a mark. */
class WakeupContractTest extends Contract {
    private Pair pair;
    private Selector selector;
    private SelectionKey key;

    @BeforeEach
    void register() throws Exception {
        pair = pair().blocking(false);
        selector = world.selector(pair.client());
        key = pair.client().register(selector, OP_READ);
    }

    /** "If no selection operation is currently in progress then the next invocation ... will return immediately" */
    @Test
    void shouldReturnAtOnceFromTheNextSelectionOfEveryKind() throws Exception {
        selector.wakeup();
        assertThat(selector.select()).isZero();
        selector.wakeup();
        assertThat(selector.select(60_000)).isZero();
        selector.wakeup();
        assertThat(selector.select(k -> {})).isZero();
        selector.wakeup();
        assertThat(selector.select(k -> {}, 60_000)).isZero();
    }

    /** "unless selectNow() ... is invoked in the meantime": these clear it, and the next selection waits again. */
    @Test
    void shouldBeClearedByASelectionThatDoesNotWait() throws Exception {
        selector.wakeup();
        selector.selectNow();
        Background<Integer> selecting =
                Background.start(() -> selector.select()).insideOf("select");
        Io.write(pair.server(), "x");
        assertThat(selecting.result()).isEqualTo(1);
        selector.selectedKeys().clear();
        assertThat(Io.readSome(pair.client())).isEqualTo(1);
        selector.wakeup();
        selector.selectNow(k -> {});
        Background<Integer> again = Background.start(() -> selector.select()).insideOf("select");
        selector.wakeup();
        assertThat(again.result()).isZero();
    }

    /**
     * "Invoking this method more than once between two successive selection operations has the same effect as ... once"
     */
    @Test
    void shouldCountOnceHoweverOften() throws Exception {
        for (int i = 0; i < 100; i++) {
            selector.wakeup();
        }
        assertThat(selector.select()).isZero();
        Background<Integer> selecting =
                Background.start(() -> selector.select()).insideOf("select");
        selector.wakeup();
        assertThat(selecting.result()).isZero();
    }

    /** It takes nothing away: what is ready is selected, and counted, as without it. */
    @Test
    void shouldSelectWhatIsReadyWhenWokenBefore() throws Exception {
        Io.write(pair.server(), "x");
        Io.awaitReady(pair.client(), OP_READ);
        selector.wakeup();
        Io.selectUntil(selector, key, OP_READ);
        assertThat(key.isReadable()).isTrue();
        key.interestOps(OP_WRITE);
        selector.selectedKeys().clear();
        selector.wakeup();
        Io.selectUntil(selector, key, OP_WRITE);
    }

    /** "If the selecting thread is interrupted ... its interrupt status is set"; before the selection likewise */
    @Test
    void shouldReturnAtOnceWhenInterruptedBefore() throws Exception {
        Background<Boolean> selecting = Background.start(() -> {
            Thread.currentThread().interrupt();
            for (int i = 0; i < 3; i++) {
                assertThat(selector.select()).isZero();
                assertThat(selector.select(60_000)).isZero();
            }
            return Thread.interrupted();
        });
        assertThat(selecting.result()).isTrue();
        assertThat(selector.isOpen()).isTrue();
        Io.write(pair.server(), "x");
        Io.selectUntil(selector, key, OP_READ);
    }

    /** Keys that are registered, and interests that are widened, while a selection is under way. */
    @Test
    void shouldTakeInNewInterestsWithTheNextSelection() throws Exception {
        Background<Integer> selecting =
                Background.start(() -> selector.select()).insideOf("select");
        Background.run(() -> key.interestOps(OP_WRITE)).result();
        selector.wakeup();
        selecting.result();
        Io.selectUntil(selector, key, OP_WRITE);
        assertThat(key.readyOps()).isEqualTo(OP_WRITE);
    }

    /** Many wake-ups from many threads: none is lost, each selection ends. */
    @Test
    void shouldNeverMissAWakeup() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        Background<Void> selecting = Background.run(() -> {
            while (asked.get() >= 0) {
                selector.select();
                answered.set(asked.get());
            }
        });
        for (int i = 1; i <= 200; i++) {
            int question = i;
            asked.set(question);
            selector.wakeup();
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofNanos(50_000))
                    .until(() -> answered.get() == question);
        }
        asked.set(-1);
        selector.wakeup();
        selecting.result();
    }
}
