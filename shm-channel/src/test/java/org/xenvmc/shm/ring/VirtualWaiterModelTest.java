package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xenvmc.shm.ring.TsoModel.Program;

/**
 * How a virtual thread waits at a ring: it is not asleep on the word but parked, the word says "signal", and the thread that
 * takes signals unparks it. As {@link WaiterModelTest}.
 */
class VirtualWaiterModelTest {
    private static final int DATA = 0;
    private static final int WAIT = 1;
    private static final int KICKED = 2;
    private static final int SLEEPING = 3;
    private static final int SIGNALLED = 4;
    private static final int WAITER = 5;
    private static final int PERMIT = 6;
    private static final int OVER = 7;
    private static final int VARIABLES = 8;

    private static final int SEEN = 0;
    private static final int TAKEN = 1;
    private static final int OTHER = 2;
    private static final int ENDED = 3;

    /** RingEnd.await in a virtual thread, LockSupport.parkNanos included. */
    private static Program virtualReader(int items) {
        return new Program("virtual reader")
                .label("read")
                .load(SEEN, DATA)
                .when(r -> r[SEEN] > r[TAKEN], "take")
                .store(WAITER, 1)
                .fence()
                .store(SLEEPING, 1)
                .fence()
                .store(WAIT, RingLayout.SIGNAL)
                .fence()
                .load(SEEN, DATA)
                .when(r -> r[SEEN] > r[TAKEN], "awake")
                .load(OTHER, KICKED)
                .when(r -> r[OTHER] == 1, "awake")
                .sleepWhile(PERMIT, 0)
                .exchange(OTHER, PERMIT, 0)
                .label("awake")
                .store(SLEEPING, 0)
                .fence()
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .store(WAITER, 0)
                .fence()
                .store(KICKED, 0)
                .fence()
                .go("read")
                .label("take")
                .add(TAKEN, 1)
                .when(r -> r[TAKEN] < items, "read")
                .store(OVER, 1)
                .exchange(OTHER, SIGNALLED, 1)
                .wake(SIGNALLED);
    }

    private static Program signallingWriter(int items) {
        Program p = new Program("writer");
        for (int i = 1; i <= items; i++) {
            String next = "next" + i;
            p.store(DATA, i)
                    .fence()
                    .load(SEEN, WAIT)
                    .when(r -> r[SEEN] == RingLayout.NOBODY, next)
                    .exchange(SEEN, WAIT, RingLayout.NOBODY)
                    .when(r -> r[SEEN] != RingLayout.SIGNAL, next)
                    .exchange(OTHER, SIGNALLED, 1)
                    .wake(SIGNALLED)
                    .label(next);
        }
        return p;
    }

    /** Takes signals and kicks: RingEnd.kick, where a virtual thread is unparked last. */
    private static Program kicker(boolean unparkLast) {
        Program p = new Program("kicker")
                .label("again")
                .sleepWhile(SIGNALLED, 0)
                .exchange(OTHER, SIGNALLED, 0)
                .load(ENDED, OVER)
                .when(r -> r[ENDED] == 1, "end")
                .when(r -> r[OTHER] == 0, "again")
                .store(KICKED, 1)
                .fence();
        if (!unparkLast) {
            unpark(p, "reset");
        }
        p.label("reset")
                .load(SEEN, SLEEPING)
                .when(r -> r[SEEN] == 0, "was reset")
                .store(WAIT, RingLayout.NOBODY)
                .fence()
                .label("was reset");
        if (unparkLast) {
            unpark(p, "again");
        }
        return p.go("again").label("end");
    }

    private static void unpark(Program p, String next) {
        p.load(SEEN, WAITER)
                .when(r -> r[SEEN] == 0, next)
                .exchange(OTHER, PERMIT, 1)
                .wake(PERMIT);
    }

    @Test
    void shouldWakeAVirtualReaderForEveryItem() {
        TsoModel model = new TsoModel(VARIABLES, virtualReader(3), signallingWriter(3), kicker(true));
        assertThat(model.findStuck()).isNull();
        assertThat(model.size()).isGreaterThan(5_000);
    }

    @Test
    void shouldLoseTheSecondItemWhenAVirtualReaderIsNotUnparkedLast() {
        assertThat(new TsoModel(VARIABLES, virtualReader(2), signallingWriter(2), kicker(false)).findStuck())
                .isNotNull();
    }
}
