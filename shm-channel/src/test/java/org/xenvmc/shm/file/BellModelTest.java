package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The protocol of {@link Bell} and {@link BellKeeper}, step by step, in all interleavings of the thread, a setter of a
 * signal, one of mail, and two pollers, one of which comes twice. When nothing can happen any more, nothing may be marked.
 */
class BellModelTest {
    /** What is left out of the protocol, to show that it is needed and that the model would notice. */
    private enum LeftOut {
        NOTHING,
        LOOK_BEFORE_SLEEP,
        LOOK_AT_EXIT,
        COUNT_AGAIN,
        CHANGE_AT_EXIT,
        MAIL_BY_POLLER,
        COMPARE_IN_KERNEL
    }

    private static final int BELL = 0;
    private static final int SIGNAL = 1;
    private static final int MAIL = 2;
    private static final int POLLERS = 3;
    private static final int THREAD = 4;
    private static final int WANT = 5;
    private static final int SETTERS = 6;
    private static final int SETTER_COUNT = 2;
    private static final int MAIL_SETTER = 1;
    private static final int POLLER = SETTERS + SETTER_COUNT;
    private static final int POLLER_COUNT = 2;
    private static final int POLLER_ROUNDS = POLLER + POLLER_COUNT;
    private static final int SIZE = POLLER_ROUNDS + POLLER_COUNT;

    private static final int SLEEPING = 7;
    private static final int DONE = 15;

    private static final class Model extends StateSpace {
        private final LeftOut leftOut;

        Model(LeftOut leftOut) {
            this.leftOut = leftOut;
        }

        @Override
        void steps(byte[] s) {
            thread(s);
            for (int i = 0; i < SETTER_COUNT; i++) {
                setter(s, i);
            }
            for (int i = 0; i < POLLER_COUNT; i++) {
                poller(s, i);
            }
        }

        private void go(int program, int pc, int... changes) {
            byte[] n = copy();
            n[program] = (byte) pc;
            for (int i = 0; i < changes.length; i += 2) {
                n[changes[i]] = (byte) changes[i + 1];
            }
            next(n);
        }

        /** BellKeeper.run, sleep, settle. */
        private void thread(byte[] s) {
            int fitting = s[POLLERS] > 0 ? Bell.POLLED : Bell.ASLEEP;
            switch (s[THREAD]) {
                case 0 -> go(THREAD, 1, BELL, Bell.AWAKE);
                case 1 -> go(THREAD, 2, SIGNAL, 0);
                case 2 -> go(THREAD, 3, MAIL, 0);
                case 3 -> go(THREAD, 4, WANT, fitting);
                case 4 -> go(THREAD, leftOut == LeftOut.COUNT_AGAIN ? 6 : 5, BELL, s[WANT]);
                case 5 -> go(THREAD, s[WANT] == fitting ? 6 : 3);
                case 6 -> {
                    boolean pending = s[MAIL] != 0 || (s[WANT] == Bell.ASLEEP && s[SIGNAL] != 0);
                    go(THREAD, pending && leftOut != LeftOut.LOOK_BEFORE_SLEEP ? 0 : 8);
                }
                case 8 -> go(THREAD, s[BELL] == s[WANT] || leftOut == LeftOut.COMPARE_IN_KERNEL ? SLEEPING : 0);
                default -> {}
            }
        }

        private int woken(byte[] s) {
            return s[THREAD] == SLEEPING ? 0 : s[THREAD];
        }

        /** FileMember.signal and send, Bell.ring. */
        private void setter(byte[] s, int i) {
            int pc = SETTERS + i;
            switch (s[pc]) {
                case 0 -> go(pc, 1, i == MAIL_SETTER ? MAIL : SIGNAL, 1);
                case 1 -> go(pc, s[BELL] == Bell.ASLEEP ? 2 : DONE);
                case 2 -> go(pc, s[BELL] == Bell.ASLEEP ? 3 : DONE, BELL, s[BELL] == Bell.ASLEEP ? 0 : s[BELL]);
                case 3 -> go(pc, DONE, THREAD, woken(s));
                default -> {}
            }
        }

        /** BellKeeper.enter, poll, exit. */
        private void poller(byte[] s, int i) {
            int pc = POLLER + i;
            switch (s[pc]) {
                case 0 -> go(pc, s[POLLERS] == 0 ? 1 : 2, POLLERS, s[POLLERS] + 1);
                case 1 -> go(pc, 2, BELL, s[BELL] == Bell.ASLEEP ? Bell.POLLED : s[BELL]);
                case 2 -> {
                    go(pc, 6); // leaves without another look
                    go(pc, 3);
                }
                case 3 -> {
                    boolean wake = s[MAIL] != 0 && s[BELL] == Bell.POLLED && leftOut != LeftOut.MAIL_BY_POLLER;
                    go(pc, wake ? 4 : 5);
                }
                case 4 -> wake(s, pc, 5, 10);
                case 10 -> go(pc, 5, THREAD, woken(s));
                case 5 -> go(pc, 6, SIGNAL, 0);
                case 6 -> go(pc, s[POLLERS] == 1 ? 7 : 12, POLLERS, s[POLLERS] - 1);
                case 7 -> {
                    boolean change = s[BELL] == Bell.POLLED && leftOut != LeftOut.CHANGE_AT_EXIT;
                    go(pc, 8, BELL, change ? Bell.ASLEEP : s[BELL]);
                }
                case 8 -> {
                    boolean look = leftOut != LeftOut.LOOK_AT_EXIT;
                    go(pc, look && (s[SIGNAL] != 0 || s[MAIL] != 0) ? 9 : 12);
                }
                case 9 -> wake(s, pc, 12, 11);
                case 11 -> go(pc, 12, THREAD, woken(s));
                case 12 -> go(pc, s[POLLER_ROUNDS + i] == 0 ? DONE : 0, POLLER_ROUNDS + i, 0);
                default -> {}
            }
        }

        /** Bell.wake: the exchange, then, if that is needed, the call. */
        private void wake(byte[] s, int pc, int after, int call) {
            go(pc, s[BELL] == Bell.AWAKE ? after : call, BELL, Bell.AWAKE);
        }
    }

    private static byte[] badEnd(Model model) {
        byte[] initial = new byte[SIZE];
        initial[POLLER_ROUNDS] = 1;
        return model.findBadEnd(initial, s -> s[SIGNAL] != 0 || s[MAIL] != 0);
    }

    @Test
    void shouldEndWithNothingMarkedInEveryInterleaving() {
        Model model = new Model(LeftOut.NOTHING);
        assertThat(badEnd(model)).isNull();
        assertThat(model.size()).isGreaterThan(50_000);
    }

    @ParameterizedTest
    @EnumSource(
            value = LeftOut.class,
            names = {"NOTHING", "MAIL_BY_POLLER"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldLoseSomethingWhenAStepIsLeftOut(LeftOut leftOut) {
        assertThat(badEnd(new Model(leftOut))).isNotNull();
    }
}
