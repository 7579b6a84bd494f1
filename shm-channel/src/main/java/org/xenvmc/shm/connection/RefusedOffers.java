package org.xenvmc.shm.connection;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Offers that this VM had to refuse for a reason that passes: it had no memory for a ring, or no number for the
 * connection, or had not got rid of the last rings. Who connected gives up asking after a while; so when something was
 * given back, this end asks it to offer again: the one that waits longest first, a few at once, and the next when that
 * did some good. Manager's thread only.
 */
final class RefusedOffers {
    private static final int MOST = 4096;
    private static final int AT_ONCE = 16;
    /** After a connection has ended its ring comes back a little later. */
    private static final long DELAY_MS = 100;

    private record Offerer(Vm vm, Message.Ref connection) {}

    private final ShmConnectionManager manager;
    private final Map<Connection, Offerer> waiting = new LinkedHashMap<>();
    private boolean scheduled;

    RefusedOffers(ShmConnectionManager manager) {
        this.manager = manager;
    }

    /** An offer for the connection is refused. */
    void add(Connection c, Vm from, Message.Ref connection) {
        waiting.remove(c); // to the end of the queue
        if (waiting.size() < MOST) {
            c.refusedOffer = true;
            waiting.put(c, new Offerer(from, connection));
        }
        if (c.isClosed()) { // after the mark, which whoever closes it looks at afterwards
            waiting.remove(c);
        }
    }

    /** An offer for the connection was accepted. */
    void accepted(Connection c) {
        if (waiting.remove(c) != null || c.refusedOffer) {
            c.refusedOffer = false;
            givenBack(); // perhaps there is enough for the next one, too
        }
    }

    /** The connection has ended. */
    void ended(Connection c) {
        waiting.remove(c);
    }

    /** A VM is gone, and with it its offers. */
    void left(Vm vm) {
        waiting.values().removeIf(o -> o.vm == vm);
    }

    /** This VM leaves the host. */
    void clear() {
        waiting.clear();
    }

    /** A ring or a number was given back, or is about to be. */
    void givenBack() {
        if (!scheduled && !waiting.isEmpty()) {
            scheduled = true;
            manager.schedule(this::askNext, DELAY_MS);
        }
    }

    private void askNext() {
        scheduled = false;
        List<Connection> next = new ArrayList<>();
        for (Connection c : waiting.keySet()) {
            if (next.size() < AT_ONCE) {
                next.add(c);
            }
        }
        next.forEach(this::ask);
    }

    /** Asks for an offer for this connection, if one was refused. */
    void ask(Connection c) {
        Offerer o = waiting.remove(c);
        if (o != null && !c.isClosed() && manager.membership() != null) {
            o.vm.send(Message.AGAIN, manager.message().ref(o.connection).done());
        }
    }
}
