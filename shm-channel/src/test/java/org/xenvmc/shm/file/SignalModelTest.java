package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The three levels of {@link SignalBitmap}, step by step, in all interleavings of two setters of one connection, one of
 * which dies anywhere, and two drainers: when nothing can happen any more, what a living setter published was delivered.
 */
class SignalModelTest {
    private static final int LEAF = 0;
    private static final int MID = 1;
    private static final int TOP = 2;
    private static final int SETTER = 3;
    private static final int SETTERS = 2;
    private static final int DATA = SETTER + SETTERS;
    private static final int DRAINER = DATA + SETTERS;
    private static final int DRAINERS = 2;
    private static final int SIZE = DRAINER + DRAINERS;

    private static final int DONE = 10;
    private static final int PUBLISHED = 1;
    private static final int DELIVERED = 2;

    private static final class Model extends StateSpace {
        private final int[] order;

        Model(int... order) {
            this.order = order;
        }

        @Override
        void steps(byte[] s) {
            for (int i = 0; i < SETTERS; i++) {
                setter(s, i);
            }
            for (int i = 0; i < DRAINERS; i++) {
                drainer(s, DRAINER + i);
            }
        }

        private byte[] to(int program, int pc) {
            byte[] n = copy();
            n[program] = (byte) pc;
            return n;
        }

        /** Publishes, then for each level: reads, and sets if it was not set. */
        private void setter(byte[] s, int i) {
            int program = SETTER + i;
            int pc = s[program];
            if (pc == DONE) {
                return;
            }
            if (pc == 0) {
                byte[] n = to(program, 1);
                n[DATA + i] = PUBLISHED;
                next(n);
                return;
            }
            int level = order[(pc - 1) / 2];
            int following = pc >= 5 ? DONE : pc + 2 - (pc + 1) % 2;
            if (pc % 2 == 1) {
                next(to(program, s[level] == 0 ? pc + 1 : following));
            } else {
                byte[] n = to(program, pc == 6 ? DONE : pc + 1);
                n[level] = 1;
                next(n);
            }
            if (i == 1) {
                next(to(program, DONE)); // dies here
            }
        }

        /** Takes top, mid, leaf; each only if the one before was set. */
        private void drainer(byte[] s, int program) {
            int level = TOP - s[program];
            if (s[program] == 0 && s[TOP] == 0) {
                return; // asleep: the bell wakes it when the top is set
            }
            byte[] n = to(program, s[level] == 0 || level == LEAF ? 0 : s[program] + 1);
            n[level] = 0;
            if (level == LEAF && s[LEAF] != 0) {
                for (int i = 0; i < SETTERS; i++) {
                    n[DATA + i] = s[DATA + i] == PUBLISHED ? DELIVERED : s[DATA + i];
                }
            }
            next(n);
        }
    }

    private static byte[] badEnd(Model model) {
        return model.findBadEnd(new byte[SIZE], s -> s[DATA] != DELIVERED);
    }

    @Test
    void shouldDeliverInEveryInterleaving() {
        Model model = new Model(LEAF, MID, TOP);
        assertThat(badEnd(model)).isNull();
        assertThat(model.size()).isGreaterThan(500);
    }

    @Test
    void shouldLoseSomethingWhenSetInAnotherOrder() {
        assertThat(badEnd(new Model(TOP, MID, LEAF))).isNotNull();
        assertThat(badEnd(new Model(MID, LEAF, TOP))).isNotNull();
        assertThat(badEnd(new Model(LEAF, TOP, MID))).isNotNull();
    }
}
