package org.xenvmc.shm.file;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Visits every state that a few small sequential programs can reach when their steps interleave in every way
 * (sequentially consistent memory, which is what volatile accesses give). A state is an array of small numbers.
 */
abstract class StateSpace {
    private final Set<String> seen = new HashSet<>();
    private final Deque<byte[]> todo = new ArrayDeque<>();
    private byte[] current;
    private boolean moved;

    /** Calls {@link #next} with each state that one step of one program leads to from this one. */
    abstract void steps(byte[] state);

    /** To be called by {@link #steps} with a changed copy. */
    final void next(byte[] successor) {
        moved = true;
        if (seen.add(Arrays.toString(successor))) {
            todo.add(successor);
        }
    }

    /** A copy of the current state, to be changed. */
    final byte[] copy() {
        return current.clone();
    }

    /**
     * Explores.
     *
     * @return a state in which nothing can happen any more and that is bad, or null when there is none
     */
    final byte[] findBadEnd(byte[] initial, Predicate<byte[]> bad) {
        next(initial);
        while (!todo.isEmpty()) {
            current = todo.poll();
            moved = false;
            steps(current);
            if (!moved && bad.test(current)) {
                return current;
            }
        }
        return null;
    }

    final int size() {
        return seen.size();
    }
}
