package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The three levels of {@link SignalBitmap}, step by step, in all interleavings of three setters, two of them of the same
 * connection and two of them dying anywhere, and two drainers: when nothing can happen any more, what the setter that
 * lives published was delivered.
 */
class SignalModelTest {
    private static final int MID = 0;
    private static final int TOP = 1;
    /** The bits of two connections in one leaf word. */
    private static final int LEAF = 2;

    private static final int CONNECTIONS = 2;
    private static final int SETTER = LEAF + CONNECTIONS;
    /** The connection of each setter; the first setter lives. */
    private static final int[] CONNECTION = {0, 1, 0};

    private static final int DATA = SETTER + CONNECTION.length;
    private static final int DRAINER = DATA + CONNECTION.length;
    private static final int DRAINERS = 2;
    private static final int SIZE = DRAINER + DRAINERS;

    private static final int LOOK = 1;
    private static final int DONE = 7;
    private static final int PUBLISHED = 1;
    private static final int DELIVERED = 2;

    private static final class Model extends StateSpace {
        private final int[] order;

        Model(int... order) {
            this.order = order;
        }

        @Override
        void steps(byte[] s) {
            for (int i = 0; i < CONNECTION.length; i++) {
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

        /** Publishes; then looks at each level (odd steps), and sets it if it was not set (even steps). */
        private void setter(byte[] s, int i) {
            int program = SETTER + i;
            int pc = s[program];
            if (pc == DONE) {
                return;
            }
            if (i > 0) {
                next(to(program, DONE)); // dies here
            }
            if (pc == 0) {
                byte[] n = to(program, LOOK);
                n[DATA + i] = PUBLISHED;
                next(n);
                return;
            }
            int level = order[(pc - 1) / 2];
            int word = level == LEAF ? LEAF + CONNECTION[i] : level;
            if (pc % 2 == 1) {
                next(to(program, s[word] == 0 ? pc + 1 : pc + 2));
            } else {
                byte[] n = to(program, pc + 1);
                n[word] = 1;
                next(n);
            }
        }

        /** Takes top, mid, leaf; each only if the one before was set. */
        private void drainer(byte[] s, int program) {
            switch (s[program]) {
                case 0 -> {
                    if (s[TOP] != 0) { // else asleep: the bell wakes it when the top is set
                        take(program, 1, TOP);
                    }
                }
                case 1 -> take(program, s[MID] != 0 ? 2 : 0, MID);
                default -> takeLeaf(s, program);
            }
        }

        private void take(int program, int pc, int word) {
            byte[] n = to(program, pc);
            n[word] = 0;
            next(n);
        }

        private void takeLeaf(byte[] s, int program) {
            byte[] n = to(program, 0);
            for (int i = 0; i < CONNECTION.length; i++) {
                int word = LEAF + CONNECTION[i];
                if (s[word] != 0 && s[DATA + i] == PUBLISHED) {
                    n[DATA + i] = DELIVERED;
                }
                n[word] = 0;
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
        assertThat(model.size()).isGreaterThan(3000);
    }

    @Test
    void shouldLoseSomethingWhenSetInAnotherOrder() {
        assertThat(badEnd(new Model(TOP, MID, LEAF))).isNotNull();
        assertThat(badEnd(new Model(MID, LEAF, TOP))).isNotNull();
        assertThat(badEnd(new Model(LEAF, TOP, MID))).isNotNull();
    }
}
