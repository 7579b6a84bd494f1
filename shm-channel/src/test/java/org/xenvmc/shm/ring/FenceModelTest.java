package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.shm.ring.TsoModel.Program;

/**
 * A writer that stops fencing and begins again ({@link FenceMode}), and a reader that fences for both
 * ({@code RingEnd.fenceForPeer}), step by step, in every interleaving and with every delay of stores that x86-64 permits.
 */
class FenceModelTest {
    private enum LeftOut {
        NOTHING,
        READERS_BARRIER,
        READERS_FENCE,
        FENCE_AFTER_THE_CHANGE
    }

    // variables
    private static final int DATA = 0;
    private static final int WAIT = 1;
    private static final int UNFENCED = 2;
    private static final int VARIABLES = 3;

    // registers
    private static final int SEEN = 0;
    private static final int TAKEN = 1;
    private static final int OTHER = 2;
    private static final int MODE = 3;

    private static Program reader(int items, LeftOut out) {
        Program p = new Program("reader")
                .label("read")
                .load(SEEN, DATA)
                .when(r -> r[SEEN] > r[TAKEN], "take")
                .store(WAIT, RingLayout.SLEEPER)
                .fenceIf(out != LeftOut.READERS_FENCE)
                .load(OTHER, UNFENCED)
                .when(r -> r[OTHER] == 0, "fenced");
        if (out != LeftOut.READERS_BARRIER) {
            p.barrier();
        }
        return p.label("fenced")
                .load(SEEN, DATA)
                .when(r -> r[SEEN] > r[TAKEN], "awake")
                .sleepWhile(WAIT, RingLayout.SLEEPER)
                .label("awake")
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .go("read")
                .label("take")
                .add(TAKEN, 1)
                .when(r -> r[TAKEN] < items, "read");
    }

    /** Gives up the fence after the item {@code changeAfter} if the reader does not wait then. */
    private static Program writer(int items, int changeAfter, LeftOut out) {
        Program p = new Program("writer");
        for (int i = 1; i <= items; i++) {
            String look = "look" + i;
            String waits = "waits" + i;
            String next = "next" + i;
            p.store(DATA, i)
                    .when(r -> r[MODE] == 1, look)
                    .fence()
                    .label(look)
                    .load(SEEN, WAIT)
                    .when(r -> r[SEEN] != RingLayout.NOBODY, waits);
            if (i == changeAfter) {
                p.set(MODE, 1).store(UNFENCED, 1).fenceIf(out != LeftOut.FENCE_AFTER_THE_CHANGE);
            }
            p.go(next)
                    .label(waits)
                    .set(MODE, 0)
                    .store(UNFENCED, 0)
                    .exchange(SEEN, WAIT, RingLayout.NOBODY)
                    .when(r -> r[SEEN] != RingLayout.SLEEPER, next)
                    .wake(WAIT)
                    .label(next);
        }
        return p;
    }

    @Test
    void shouldWakeTheReaderForEveryItemWheneverTheModeChanges() {
        for (int changeAfter = 1; changeAfter <= 4; changeAfter++) {
            TsoModel model =
                    new TsoModel(VARIABLES, reader(4, LeftOut.NOTHING), writer(4, changeAfter, LeftOut.NOTHING));
            assertThat(model.findStuck())
                    .as("change after item %d", changeAfter)
                    .isNull();
            assertThat(model.size()).isGreaterThan(500);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LeftOut.class,
            names = {"READERS_BARRIER", "READERS_FENCE"})
    void shouldLoseAWakeUpWhenAStepIsLeftOut(LeftOut out) {
        assertThat(new TsoModel(VARIABLES, reader(3, out), writer(3, 1, out)).findStuck())
                .isNotNull();
    }

    @Test
    void shouldLoseAWakeUpWithoutAFenceAfterTheChange() {
        LeftOut out = LeftOut.FENCE_AFTER_THE_CHANGE;
        assertThat(new TsoModel(VARIABLES, reader(3, out), writer(3, 2, out)).findStuck())
                .isNotNull();
    }

    // ---- the lock of a direction (tcp-fallback, PathLock): its holder does not fence when it unlocks

    private static final int OWNER = 0;
    private static final int WAITING = 1;
    private static final int PERMIT = 2;
    private static final int LOOKED_AT = 3;
    private static final int MARKED = 4;

    /** Takes the lock twice, unlocking each time: setRelease, light, the look at the waiters, unpark. */
    private static Program holder() {
        Program p = new Program("holder");
        for (int i = 0; i < 2; i++) {
            String next = "next" + i;
            String again = "again" + i;
            p.label(again)
                    .compareAndSet(SEEN, OWNER, 0, 1)
                    .when(r -> r[SEEN] != 0, again)
                    .store(OWNER, 0)
                    .load(SEEN, WAITING)
                    .when(r -> r[SEEN] == 0, next)
                    .exchange(SEEN, PERMIT, 1)
                    .wake(PERMIT)
                    .label(next);
        }
        return p;
    }

    /** PathLock.lockSlow: park is sleeping without a permit, and takes it. */
    private static Program waiter(boolean barrier) {
        Program p = new Program("waiter").store(WAITING, 1).fence();
        if (barrier) {
            p.barrier();
        }
        return p.label("again")
                .compareAndSet(SEEN, OWNER, 0, 2)
                .when(r -> r[SEEN] == 0, "in")
                .sleepWhile(PERMIT, 0)
                .exchange(SEEN, PERMIT, 0)
                .go("again")
                .label("in")
                .store(OWNER, 0);
    }

    @Test
    void shouldLetTheWaiterOfALockIn() {
        assertThat(new TsoModel(3, holder(), waiter(true)).findStuck()).isNull();
    }

    @Test
    void shouldForgetTheWaiterOfALockWithoutTheBarrier() {
        assertThat(new TsoModel(3, holder(), waiter(false)).findStuck()).isNotNull();
    }

    /** Unlocks, then looks at a flag, and tells that it has seen it. */
    private static Program looker() {
        return new Program("holder")
                .compareAndSet(SEEN, OWNER, 0, 1)
                .when(r -> r[SEEN] != 0, "end")
                .store(OWNER, 0)
                .load(SEEN, MARKED)
                .when(r -> r[SEEN] == 0, "end")
                .exchange(SEEN, LOOKED_AT, 1)
                .wake(LOOKED_AT)
                .label("end");
    }

    /** PathLock.tryLock: who fails relies on the holder's look; stuck if nobody looks. */
    private static Program marker(boolean barrier) {
        Program p = new Program("marker")
                .store(MARKED, 1)
                .fence()
                .compareAndSet(SEEN, OWNER, 0, 2)
                .when(r -> r[SEEN] == 0, "in");
        if (barrier) {
            p.barrier();
        }
        return p.compareAndSet(SEEN, OWNER, 0, 2)
                .when(r -> r[SEEN] == 0, "in")
                .sleepWhile(LOOKED_AT, 0)
                .label("in");
    }

    @Test
    void shouldSeeTheFlagOfWhoeverFailedToLock() {
        assertThat(new TsoModel(5, looker(), marker(true)).findStuck()).isNull();
    }

    @Test
    void shouldMissTheFlagOfWhoeverFailedToLockWithoutTheBarrier() {
        assertThat(new TsoModel(5, looker(), marker(false)).findStuck()).isNotNull();
    }
}
