package org.xenvmc.shm.connection;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Numbers of connections in this VM, as peers use them in signals and messages. Lookup is lock-free. */
final class SlotTable {
    private final AtomicReferenceArray<Connection> slots;
    private final int[] generations;
    private final BitSet used = new BitSet();
    private int next;

    SlotTable(int size) {
        slots = new AtomicReferenceArray<>(size);
        generations = new int[size];
    }

    /** Gives the connection a number; false when all are taken. */
    synchronized boolean add(Connection c) {
        if (c.slot() >= 0) {
            return true;
        }
        int slot = used.nextClearBit(next);
        if (slot >= generations.length) {
            slot = used.nextClearBit(0);
        }
        if (slot >= generations.length) {
            return false;
        }
        next = slot + 1;
        used.set(slot);
        c.generation = ++generations[slot];
        c.slot(slot);
        slots.set(slot, c);
        if (c.isClosed()) {
            remove(c); // it was closed between the caller's look and now, and nobody else will remove it
        }
        return true;
    }

    synchronized void remove(Connection c) {
        int slot = c.slot();
        if (slot >= 0) {
            slots.set(slot, null);
            used.clear(slot);
            c.slot(-1);
        }
    }

    /** The connection with this number, or null. */
    Connection get(int slot) {
        return slot >= 0 && slot < slots.length() ? slots.get(slot) : null;
    }

    /** The connection that a message means, or null when it is gone. */
    Connection get(Message.Ref ref) {
        Connection c = get(ref.slot());
        return c != null && c.generation == ref.generation() ? c : null;
    }
}
