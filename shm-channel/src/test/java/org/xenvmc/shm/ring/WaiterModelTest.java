package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.shm.ring.TsoModel.Program;

/**
 * How the two ends of a ring wait for each other, step by step as in {@link RingEnd}, in every interleaving and with every
 * delay of stores that x86-64 permits. A state in which nothing can happen any more while somebody sleeps is a lost
 * wake-up. Each test that finds none is beside one that leaves a step out and finds one.
 */
class WaiterModelTest {
    private enum LeftOut {
        NOTHING,
        WAKERS_FENCE,
        WAITERS_FENCE,
        SECOND_LOOK,
        COMPARE_IN_KERNEL,
        KICKED_BEFORE_LOOK,
        FENCE_AFTER_FORGETTING_THE_KICK
    }

    // variables
    private static final int DATA = 0;
    private static final int WAIT = 1;
    private static final int KICKED = 2;
    private static final int SLEEPING = 3;
    private static final int CLOSED = 4;
    private static final int TOLD = 5;
    private static final int HEAD = 6;
    private static final int WANTED = 7;
    private static final int VARIABLES = 8;

    // registers
    private static final int SEEN = 0;
    private static final int TAKEN = 1;
    private static final int OTHER = 2;
    private static final int ENDED = 3;

    /** RingEnd.await under PARK, in the loop of a reader who wants that many items, or the end. */
    private static Program reader(int items, LeftOut out) {
        Program p = new Program("reader")
                .label("read")
                .load(ENDED, CLOSED)
                .when(r -> r[ENDED] == 1, "end")
                .load(SEEN, DATA)
                .when(r -> r[SEEN] > r[TAKEN], "take")
                .store(SLEEPING, 1)
                .fenceIf(out != LeftOut.WAITERS_FENCE)
                .store(WAIT, RingLayout.SLEEPER)
                .fenceIf(out != LeftOut.WAITERS_FENCE);
        if (out != LeftOut.SECOND_LOOK) {
            p.load(SEEN, DATA).when(r -> r[SEEN] > r[TAKEN], "awake");
        }
        p.load(OTHER, KICKED).when(r -> r[OTHER] == 1, "awake");
        if (out == LeftOut.COMPARE_IN_KERNEL) {
            p.load(OTHER, WAIT)
                    .when(r -> r[OTHER] != RingLayout.SLEEPER, "awake")
                    .store(TOLD, 1)
                    .fence();
            p.sleepWhile(TOLD, 1); // falls asleep whatever the word holds by now
        } else {
            p.sleepWhile(WAIT, RingLayout.SLEEPER);
        }
        return p.label("awake")
                .store(SLEEPING, 0)
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .store(KICKED, 0)
                .fenceIf(out != LeftOut.FENCE_AFTER_FORGETTING_THE_KICK)
                .go("read")
                .label("take")
                .add(TAKEN, 1)
                .when(r -> r[TAKEN] < items, "read")
                .label("end");
    }

    /** SpscRingSender.write and RingEnd.wakePeer, for each item. */
    private static Program writer(int items, LeftOut out) {
        int sleepsOn = out == LeftOut.COMPARE_IN_KERNEL ? TOLD : WAIT;
        Program p = new Program("writer");
        for (int i = 1; i <= items; i++) {
            String next = "next" + i;
            p.store(DATA, i)
                    .fenceIf(out != LeftOut.WAKERS_FENCE)
                    .load(SEEN, WAIT)
                    .when(r -> r[SEEN] == RingLayout.NOBODY, next)
                    .exchange(SEEN, WAIT, RingLayout.NOBODY)
                    .when(r -> r[SEEN] != RingLayout.SLEEPER, next)
                    .wake(sleepsOn)
                    .label(next);
        }
        return p;
    }

    /** Ends the stream on this side and kicks: RingEnd.kick. */
    private static Program closer(LeftOut out) {
        Program p = new Program("closer").store(CLOSED, 1).fence();
        if (out == LeftOut.KICKED_BEFORE_LOOK) {
            p.load(SEEN, SLEEPING).store(KICKED, 1).fence();
        } else {
            p.store(KICKED, 1).fence().load(SEEN, SLEEPING);
        }
        return p.when(r -> r[SEEN] == 0, "done")
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .wake(WAIT)
                .label("done");
    }

    // ---- a thread that sleeps on the word

    @Test
    void shouldWakeTheReaderForEveryItem() {
        TsoModel model = new TsoModel(VARIABLES, reader(3, LeftOut.NOTHING), writer(3, LeftOut.NOTHING));
        assertThat(model.findStuck()).isNull();
        assertThat(model.size()).isGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource(
            value = LeftOut.class,
            names = {"WAKERS_FENCE", "WAITERS_FENCE", "SECOND_LOOK", "COMPARE_IN_KERNEL"})
    void shouldLoseAWakeUpWhenAStepIsLeftOut(LeftOut out) {
        assertThat(new TsoModel(VARIABLES, reader(2, out), writer(2, out)).findStuck())
                .isNotNull();
    }

    @Test
    void shouldWakeTheReaderByAKickWhileDataComes() {
        TsoModel model = new TsoModel(
                VARIABLES, reader(9, LeftOut.NOTHING), writer(2, LeftOut.NOTHING), closer(LeftOut.NOTHING));
        assertThat(model.findStuck()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = LeftOut.class,
            names = {"KICKED_BEFORE_LOOK", "FENCE_AFTER_FORGETTING_THE_KICK"})
    void shouldLoseAKickWhenAStepIsLeftOut(LeftOut out) {
        assertThat(new TsoModel(VARIABLES, reader(9, out), writer(1, LeftOut.NOTHING), closer(out)).findStuck())
                .isNotNull();
    }

    // ---- a writer that waits for room

    private static final int CAPACITY = 3;

    /** Writes items of two units: SpscRingSender.write, beforeWaiting, RingEnd.sleep. */
    private static Program writerOfPairs(int items) {
        return new Program("writer")
                .label("write")
                .load(SEEN, HEAD)
                .when(r -> CAPACITY - (r[TAKEN] - r[SEEN]) >= 2, "fits")
                .store(WANTED, 2)
                .store(WAIT, RingLayout.SLEEPER)
                .fence()
                .load(SEEN, HEAD)
                .when(r -> CAPACITY - (r[TAKEN] - r[SEEN]) >= 2, "awake")
                .sleepWhile(WAIT, RingLayout.SLEEPER)
                .label("awake")
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .go("write")
                .label("fits")
                .add(TAKEN, 2)
                .storeRegister(DATA, TAKEN)
                .when(r -> r[TAKEN] < 2 * items, "write");
    }

    /** Takes single units and wakes the writer when there is as much room as it wants: SpscRingReceiver.publish. */
    private static Program readerOfUnits(int units, boolean fence) {
        return new Program("reader")
                .label("read")
                .load(SEEN, DATA)
                .when(r -> r[SEEN] <= r[TAKEN], "read")
                .add(TAKEN, 1)
                .storeRegister(HEAD, TAKEN)
                .fenceIf(fence)
                .load(OTHER, WAIT)
                .when(r -> r[OTHER] == RingLayout.NOBODY, "next")
                .load(SEEN, DATA)
                .load(ENDED, WANTED)
                .when(r -> r[SEEN] - r[TAKEN] > 0 && CAPACITY - (r[SEEN] - r[TAKEN]) < r[ENDED], "next")
                .exchange(OTHER, WAIT, RingLayout.NOBODY)
                .when(r -> r[OTHER] != RingLayout.SLEEPER, "next")
                .wake(WAIT)
                .label("next")
                .when(r -> r[TAKEN] < units, "read");
    }

    @Test
    void shouldWakeTheWriterThoughNotForEveryUnit() {
        TsoModel model = new TsoModel(VARIABLES, writerOfPairs(4), readerOfUnits(8, true));
        assertThat(model.findStuck()).isNull();
        assertThat(model.size()).isGreaterThan(500);
    }

    @Test
    void shouldLeaveTheWriterAsleepWithoutTheReadersFence() {
        assertThat(new TsoModel(VARIABLES, writerOfPairs(4), readerOfUnits(8, false)).findStuck())
                .isNotNull();
    }

    // ---- selectors: two connections, one bell

    private static final int DATA_2 = 2;
    private static final int WAIT_2 = 3;
    private static final int BITS = 4;
    private static final int BELL = 5;
    private static final int TOLD_BITS = 6;

    /** Publishes in one of two rings and signals: SpscRingSender, FileMember.signal, SignalBitmap.set, Bell.ring. */
    private static Program signaller(String name, int data, int wait, int bit, boolean fence) {
        return new Program(name)
                .store(data, 1)
                .fenceIf(fence)
                .load(SEEN, wait)
                .when(r -> r[SEEN] == RingLayout.NOBODY, "done")
                .exchange(SEEN, wait, RingLayout.NOBODY)
                .when(r -> r[SEEN] != RingLayout.SIGNAL, "done")
                .load(SEEN, BITS)
                .when(r -> (r[SEEN] & bit) != 0, "marked")
                .or(SEEN, BITS, bit)
                .label("marked")
                .load(SEEN, BELL)
                .when(r -> r[SEEN] == 0, "done")
                .compareAndSet(SEEN, BELL, 1, 0)
                .when(r -> r[SEEN] != 1, "done")
                .wake(BELL)
                .label("done");
    }

    /** The thread that delivers signals to the selector, until both have come: BellKeeper.run. */
    private static Program keeper() {
        return new Program("keeper")
                .label("again")
                .store(BELL, 0)
                .fence()
                .exchange(SEEN, BITS, 0)
                .when(r -> r[SEEN] == 0, "settle")
                .or(OTHER, TOLD_BITS, 1)
                .wake(TOLD_BITS)
                .label("settle")
                .store(BELL, 1)
                .fence()
                .load(SEEN, BITS)
                .when(r -> r[SEEN] != 0, "again")
                .load(ENDED, KEEPER_ENDS)
                .when(r -> r[ENDED] == 1, "end")
                .sleepWhile(BELL, 1)
                .go("again")
                .label("end");
    }

    private static final int KEEPER_ENDS = 7;

    /** Arms both rings, looks at both, sleeps until told, until it has seen both: ReadySearch, RingEnd.arm. */
    private static Program selector(boolean lookAfterArming) {
        Program p = new Program("selector")
                .label("again")
                .exchange(OTHER, TOLD_BITS, 0)
                .store(WAIT, RingLayout.SIGNAL)
                .fence()
                .store(WAIT_2, RingLayout.SIGNAL)
                .fence();
        if (lookAfterArming) {
            p.load(SEEN, DATA).load(TAKEN, DATA_2);
            p.when(r -> r[SEEN] == 1 && r[TAKEN] == 1, "both");
        }
        return p.sleepWhile(TOLD_BITS, 0)
                .load(SEEN, DATA)
                .load(TAKEN, DATA_2)
                .when(r -> r[SEEN] != 1 || r[TAKEN] != 1, "again")
                .label("both")
                .store(KEEPER_ENDS, 1)
                .fence()
                .store(BELL, 0)
                .fence()
                .wake(BELL);
    }

    private static TsoModel twoConnections(boolean fence, boolean lookAfterArming) {
        return new TsoModel(
                VARIABLES,
                signaller("writer 1", DATA, WAIT, 1, fence),
                signaller("writer 2", DATA_2, WAIT_2, 2, fence),
                keeper(),
                selector(lookAfterArming));
    }

    @Test
    void shouldTellTheSelectorOfBothConnections() {
        TsoModel model = twoConnections(true, true);
        assertThat(model.findStuck()).isNull();
        assertThat(model.size()).isGreaterThan(10_000);
    }

    @Test
    void shouldLoseASignalWithoutTheWritersFence() {
        assertThat(twoConnections(false, true).findStuck()).isNotNull();
    }

    @Test
    void shouldLoseASignalWhenTheSelectorDoesNotLookAfterArming() {
        assertThat(twoConnections(true, false).findStuck()).isNotNull();
    }
}
