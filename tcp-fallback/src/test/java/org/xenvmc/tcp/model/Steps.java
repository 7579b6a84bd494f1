package org.xenvmc.tcp.model;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Collects the states that one step leads to, with rules that can be broken to see that they matter. */
abstract class Steps {
    final Actions.Bounds bounds;
    World now;
    private final Set<Rule> broken;
    private List<World> next;

    Steps(Actions.Bounds bounds, Rule... broken) {
        this.bounds = bounds;
        this.broken = EnumSet.noneOf(Rule.class);
        this.broken.addAll(List.of(broken));
    }

    /** From here; returns the list that is filled by {@link #can}. */
    List<World> begin(World w) {
        now = w;
        next = new ArrayList<>();
        return next;
    }

    boolean keeps(Rule rule) {
        return !broken.contains(rule);
    }

    void can(boolean possible, Consumer<World> step) {
        if (possible) {
            World w = now.copy();
            step.accept(w);
            next.add(w);
        }
    }
}
