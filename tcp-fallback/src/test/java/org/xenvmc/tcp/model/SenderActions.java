package org.xenvmc.tcp.model;

import org.xenvmc.tcp.model.World.Path;

/** What the sender can do next, and what can happen to it. */
abstract class SenderActions extends Steps {
    SenderActions(Actions.Bounds bounds, Rule... broken) {
        super(bounds, broken);
    }

    void sender() {
        can(now.keptStart != Ring.UNSET, w -> {
            w.tcp.add(Item.START | w.keptStart);
            w.keptStart = Ring.UNSET;
        });
        can(now.startWordDue, w -> {
            w.active.start = w.sent;
            w.startWordDue = false;
        });
        if (now.startWordDue) {
            return; // the writer is in the middle of this
        }
        boolean tcpFree = now.keptStart == Ring.UNSET;
        boolean open = !now.finished;
        can(open && now.sent < bounds.bytes() && (tcpFree || now.sending == Path.RING), this::write);
        boolean ready = now.offered != null && (now.offered.ready || !keeps(Rule.RECEIVER_READY_BEFORE_START));
        can(open && ready && tcpFree, this::switchToRing);
        can(now.sending == Path.RING, this::leaveRing);
        can(now.offered != null, w -> {
            w.offered.cancelled = true;
            w.offered = null;
        });
        can(
                now.draining != null && (now.draining.data.isEmpty() || now.draining.receiverReleased),
                w -> w.draining = null);
        can(open && (tcpFree || now.sending == Path.RING), this::finish);
        can(!now.closed && !now.aborted, this::abort);
        can(now.finished && !now.closed && tcpFree, this::close);
        can(open, this::die);
    }

    private void write(World w) {
        if (w.sending == Path.RING) {
            if (w.active.data.size() < bounds.ringCapacity()) {
                w.active.data.add(w.sent++);
            }
        } else if (w.sending == Path.RAW || !keeps(Rule.FRAMES_AFTER_RING)) {
            w.tcp.add(w.sent++);
        } else {
            w.tcp.add(Item.DATA | w.sent++);
        }
    }

    private void switchToRing(World w) {
        w.active = w.offered;
        w.offered = null;
        w.sending = Path.RING;
        if (keeps(Rule.START_BEFORE_FRAME)) {
            w.active.start = w.sent;
            w.keptStart = w.sent;
        } else {
            w.tcp.add(Item.START | w.sent);
            w.startWordDue = true;
        }
    }

    private void close(World w) {
        w.closed = true;
        w.tcp.add(Item.EOF);
    }

    /** The process ends, and the kernel ends TCP; nobody publishes anything any more. */
    private void die(World w) {
        w.finished = true;
        w.keptStart = Ring.UNSET;
        close(w);
    }

    private void leaveRing(World w) {
        if (!w.finished) {
            w.active.end = keeps(Rule.END_AT_SENT) ? w.sent : w.sent - 1;
        }
        w.draining = w.active;
        w.active = null;
        w.sending = Path.FRAMED;
    }

    private void finish(World w) {
        w.finished = true;
        if (w.sending == Path.RING) {
            w.active.fin = w.sent;
        } else if (w.sending == Path.FRAMED) {
            w.tcp.add(Item.FIN | w.sent);
        } else {
            close(w);
        }
    }

    /** Close with unread data: what is in the ring is marked, TCP is reset. */
    private void abort(World w) {
        w.aborted = !w.finished; // what was ended in order before stays so
        w.closed = true;
        w.keptStart = Ring.UNSET;
        if (w.active != null) {
            w.active.aborted = true;
            w.active.fin = w.sent;
        }
        w.finished = true;
        w.tcp.clear();
        w.tcp.add(Item.RESET);
    }
}
