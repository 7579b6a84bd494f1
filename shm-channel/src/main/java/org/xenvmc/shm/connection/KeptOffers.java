package org.xenvmc.shm.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.connection.Connection.Tuple;
import org.xenvmc.transport.ReasonCode;

/** Offers whose connection is not there yet, or not free yet. Manager's thread only, if not said otherwise. */
final class KeptOffers {
    private static final long RETRY_MS = 5;
    private static final int MOST = 4096;

    private final ShmConnectionManager manager;
    private final Rendezvous rendezvous;
    private final Map<Tuple, Offer> kept = new ConcurrentHashMap<>();

    KeptOffers(ShmConnectionManager manager, Rendezvous rendezvous) {
        this.manager = manager;
        this.rendezvous = rendezvous;
    }

    /** Keeps an offer for a connection that is still in the accept queue, or still busy with its last rings. */
    void keep(Offer o, boolean retry) {
        if (System.nanoTime() - o.deadlineNs() > 0 || kept.size() >= MOST) {
            kept.remove(o.mirrored(), o);
            Connection busy = retry ? manager.find(o.mirrored()) : null;
            if (busy != null) {
                rendezvous.refuseForNow(o, busy, ReasonCode.HALF_CLOSED);
            } else {
                rendezvous.refuse(o, ReasonCode.NO_MIRRORED_CONNECTION);
            }
            return;
        }
        Offer before = kept.put(o.mirrored(), o);
        if (before != null && before.from() != o.from()) {
            rendezvous.refuse(before, ReasonCode.NO_MIRRORED_CONNECTION);
        }
        if (!retry && manager.find(o.mirrored()) != null) {
            retryKept(o); // it arrived between the look and the put
        } else {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(o.deadlineNs() - System.nanoTime()) + 1;
            manager.schedule(() -> retryKept(o), retry ? RETRY_MS : leftMs);
        }
    }

    private void retryKept(Offer o) {
        if (kept.remove(o.mirrored(), o) && rendezvous.present(o)) {
            rendezvous.answer(o);
        }
    }

    /** A connection was accepted. Called by the accepting thread: one look at a map that is nearly always empty. */
    void arrived(Connection c) {
        if (!kept.isEmpty()) {
            Offer o = kept.get(c.tuple());
            if (o != null) {
                manager.execute(() -> retryKept(o));
            }
        }
    }
}
