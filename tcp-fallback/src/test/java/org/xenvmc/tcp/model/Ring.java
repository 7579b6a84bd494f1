package org.xenvmc.tcp.model;

import java.util.ArrayList;
import java.util.List;

/** A ring: its words, and the bytes in it. */
final class Ring {
    static final int UNSET = -1;

    int start = UNSET;
    int end = UNSET;
    int fin = UNSET;
    boolean ready;
    boolean cancelled;
    boolean aborted;
    boolean receiverReleased;
    /** Whether this is the receiver's private copy. */
    boolean drained;

    final List<Integer> data = new ArrayList<>();

    Ring() {}

    Ring(Ring from) {
        start = from.start;
        end = from.end;
        fin = from.fin;
        ready = from.ready;
        cancelled = from.cancelled;
        aborted = from.aborted;
        receiverReleased = from.receiverReleased;
        drained = from.drained;
        data.addAll(from.data);
    }

    boolean over() {
        return end != UNSET || fin != UNSET;
    }

    void describe(StringBuilder to) {
        to.append('r').append(start).append(',').append(end).append(',').append(fin);
        to.append(ready ? 'R' : '-').append(cancelled ? 'C' : '-').append(aborted ? 'A' : '-');
        to.append(receiverReleased ? 'L' : '-').append(drained ? 'D' : '-').append(data);
    }
}
