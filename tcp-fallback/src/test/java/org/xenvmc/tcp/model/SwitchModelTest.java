package org.xenvmc.tcp.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The protocol of docs/protocol.md: whatever happens in whatever order, the bytes delivered are those sent, each once, in
 * order; an orderly end comes after all of them and never after an abort; and there is always a way to some end.
 */
@Timeout(110)
class SwitchModelTest {
    private static final Actions.Bounds SMALL = new Actions.Bounds(3, 2, 2, 3);
    private static final Actions.Bounds LARGE = new Actions.Bounds(200, 40, 5, 8);
    private static final int MOST_STATES = 1_500_000;

    /** All states that can be reached, and from where. */
    private static final class Exploration {
        private final Map<String, Integer> numbers = new HashMap<>();
        private final List<World> states = new ArrayList<>();
        private final List<List<Integer>> before = new ArrayList<>();
        private World wrong;

        void explore(Actions actions) {
            visit(new World(), 0);
            for (int i = 0; i < states.size() && wrong == null; i++) {
                World w = states.get(i);
                for (World next : actions.from(w)) {
                    visit(next, i);
                }
                assertThat(states.size()).as("states").isLessThan(MOST_STATES);
            }
        }

        private void visit(World w, int from) {
            int number = states.size();
            Integer known = numbers.putIfAbsent(w.key(), number);
            if (known == null) {
                states.add(w);
                before.add(new ArrayList<>(2));
            }
            before.get(known == null ? number : known).add(from);
            if (w.wrong != null) {
                wrong = w;
            }
        }

        /** A state from which no end can be reached, or null. */
        World deadEnd() {
            BitSet left = new BitSet();
            left.set(0, states.size());
            Deque<Integer> todo = new ArrayDeque<>();
            for (int i = 0; i < states.size(); i++) {
                if (states.get(i).over()) {
                    left.clear(i);
                    todo.add(i);
                }
            }
            while (!todo.isEmpty()) {
                for (int from : before.get(todo.poll())) {
                    if (left.get(from)) {
                        left.clear(from);
                        todo.add(from);
                    }
                }
            }
            int first = left.nextSetBit(0);
            return first < 0 ? null : states.get(first);
        }

        /** How one can come there, for people. */
        String wayTo(World w) {
            StringBuilder text = new StringBuilder();
            int at = numbers.get(w.key());
            while (at != 0) {
                text.insert(0, states.get(at) + "\n");
                at = before.get(at).get(0);
            }
            return text.toString();
        }
    }

    @Test
    void shouldDeliverTheStreamInEveryOrderOfEvents() {
        Exploration e = new Exploration();
        e.explore(new Actions(SMALL));
        assertThat(e.wrong).as(() -> e.wayTo(e.wrong)).isNull();
        assertThat(e.deadEnd()).as(() -> e.wayTo(e.deadEnd())).isNull();
        assertThat(e.states.size()).isGreaterThan(20_000);
        assertThat(e.states).anyMatch(w -> w.eof && w.upgrades == 2 && w.delivered == 3);
        assertThat(e.states).anyMatch(w -> w.reset && w.delivered == 2);
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void shouldNoticeWhenARuleIsBroken(Rule rule) {
        Exploration e = new Exploration();
        e.explore(new Actions(SMALL, rule));
        assertThat(e.wrong != null || e.deadEnd() != null).as("noticed").isTrue();
    }

    @Test
    void shouldDeliverTheStreamOverLongRandomRuns() {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("SwitchModelTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        Random random = new Random(seed);
        Actions actions = new Actions(LARGE);
        int complete = 0;
        for (int run = 0; run < 300; run++) {
            World w = new World();
            for (int step = 0; step < 5_000 && !w.over(); step++) {
                List<World> next = actions.from(w);
                boolean early = w.sent < LARGE.bytes();
                next.removeIf(n -> early && (n.finished || n.aborted) && random.nextInt(2_000) > 0);
                w = next.isEmpty() ? w : next.get(random.nextInt(next.size()));
            }
            assertThat(w.wrong).as("run %d: %s", run, w).isNull();
            complete += w.eof && w.delivered == LARGE.bytes() ? 1 : 0;
        }
        assertThat(complete).as("runs that came to the end of a long stream").isGreaterThan(50);
    }
}
