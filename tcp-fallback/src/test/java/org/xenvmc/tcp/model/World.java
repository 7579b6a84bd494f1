package org.xenvmc.tcp.model;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** One direction of a connection: the sender, TCP, the rings, the receiver. A mutable state with a copy. */
final class World {
    enum Path {
        RAW,
        RING,
        FRAMED
    }

    /** What the receiver saw before it acts upon it. */
    record Look(boolean tcpEnded, boolean tcpReset, int end, int fin, boolean aborted, boolean empty) {}

    // the sender
    int sent;
    Path sending = Path.RAW;
    Ring offered;
    Ring active;
    Ring draining;
    /** A START frame that TCP had no room for, or UNSET: it goes before everything else. */
    int keptStart = Ring.UNSET;

    boolean startWordDue;
    boolean finished;
    /** Ended by a reset and in no other way before. */
    boolean aborted;

    boolean closed;
    int upgrades;

    // in between
    final List<Integer> tcp = new ArrayList<>();
    /** A ring that was offered and is not attached yet. */
    Ring onItsWay;

    // the receiver
    int taken;
    int delivered;
    Path receiving = Path.RAW;
    Ring attached;
    Ring reading;
    int owedStart = Ring.UNSET;
    final List<Integer> buffered = new ArrayList<>();
    boolean tcpEnded;
    boolean tcpReset;
    Look look;
    boolean eof;
    boolean reset;
    /** What went wrong, or null. */
    String wrong;

    World copy() {
        World w = new World();
        w.sent = sent;
        w.sending = sending;
        w.keptStart = keptStart;
        w.startWordDue = startWordDue;
        w.finished = finished;
        w.aborted = aborted;
        w.closed = closed;
        w.upgrades = upgrades;
        w.tcp.addAll(tcp);
        w.taken = taken;
        w.delivered = delivered;
        w.receiving = receiving;
        w.owedStart = owedStart;
        w.buffered.addAll(buffered);
        w.tcpEnded = tcpEnded;
        w.tcpReset = tcpReset;
        w.look = look;
        w.eof = eof;
        w.reset = reset;
        w.wrong = wrong;
        copyRings(w);
        return w;
    }

    /** The same ring on both sides stays the same ring. */
    private void copyRings(World to) {
        IdentityHashMap<Ring, Ring> copies = new IdentityHashMap<>();
        to.offered = copyOf(offered, copies);
        to.active = copyOf(active, copies);
        to.draining = copyOf(draining, copies);
        to.onItsWay = copyOf(onItsWay, copies);
        to.attached = copyOf(attached, copies);
        to.reading = copyOf(reading, copies);
    }

    private static Ring copyOf(Ring ring, IdentityHashMap<Ring, Ring> copies) {
        return ring == null ? null : copies.computeIfAbsent(ring, Ring::new);
    }

    /** Whether the application has come to the end. */
    boolean over() {
        return eof || reset || wrong != null;
    }

    /** The application gets a byte: it must be the next one. */
    void deliver(int item) {
        if (Item.kind(item) != 0 || Item.offset(item) != delivered) {
            wrong = "delivered " + Integer.toHexString(item) + " in place of byte " + delivered;
        } else {
            delivered++;
        }
    }

    void endOfStream() {
        eof = true;
        if (!finished || aborted || delivered != sent) {
            wrong = "end of stream after " + delivered + " bytes of " + sent + (aborted ? ", aborted" : "");
        }
    }

    /** Equal for equal states. */
    String key() {
        StringBuilder b = new StringBuilder();
        b.append(sent)
                .append(sending.ordinal())
                .append(keptStart)
                .append(bits())
                .append(upgrades)
                .append(tcp);
        b.append(taken)
                .append('/')
                .append(delivered)
                .append(receiving.ordinal())
                .append(owedStart);
        b.append(buffered).append(look).append(wrong == null ? "" : "!");
        Ring[] all = {offered, active, draining, onItsWay, attached, reading};
        for (int i = 0; i < all.length; i++) {
            int same = i;
            for (int k = i - 1; k >= 0; k--) {
                same = all[k] == all[i] && all[i] != null ? k : same;
            }
            b.append(same == i ? '.' : (char) ('0' + same));
            if (same == i && all[i] != null) {
                all[i].describe(b);
            }
        }
        return b.toString();
    }

    private int bits() {
        boolean[] flags = {startWordDue, finished, aborted, closed, tcpEnded, tcpReset, eof, reset};
        int bits = 1;
        for (boolean f : flags) {
            bits = bits << 1 | (f ? 1 : 0);
        }
        return bits;
    }

    @Override
    public String toString() {
        return key() + (wrong == null ? "" : ": " + wrong);
    }
}
