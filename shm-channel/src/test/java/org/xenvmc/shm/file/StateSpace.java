package org.xenvmc.shm.file;

import java.util.function.Predicate;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Visits every state that a few small sequential programs can reach when their steps interleave in every way
 * (sequentially consistent memory, which is what volatile accesses give). A state is an array of up to 15 numbers below 16.
 */
abstract class StateSpace {
    private final LongHashSet seen = new LongHashSet();
    private final LongArrayList todo = new LongArrayList();
    private byte[] current;
    private boolean moved;

    /** Calls {@link #next} with each state that one step of one program leads to from this one. */
    abstract void steps(byte[] state);

    /** To be called by {@link #steps} with a changed copy. */
    final void next(byte[] successor) {
        moved = true;
        long packed = pack(successor);
        if (seen.add(packed)) {
            todo.addLong(packed);
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
            current = unpack(todo.removeAt(todo.size() - 1), initial.length);
            moved = false;
            steps(current);
            if (!moved && bad.test(current)) {
                return current;
            }
        }
        return null;
    }

    private static long pack(byte[] state) {
        long packed = 0;
        for (byte b : state) {
            packed = packed << 4 | b;
        }
        return packed;
    }

    private static byte[] unpack(long packed, int length) {
        byte[] state = new byte[length];
        for (int i = 0; i < length; i++) {
            state[i] = (byte) (packed >>> 4 * (length - 1 - i) & 15);
        }
        return state;
    }

    final int size() {
        return seen.size();
    }
}
