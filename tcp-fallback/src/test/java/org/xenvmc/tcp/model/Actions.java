package org.xenvmc.tcp.model;

import java.util.ArrayList;
import java.util.List;
import org.xenvmc.tcp.model.World.Path;

/**
 * Everything that can happen next, as the classes Outgoing, Incoming and the connection manager do it. Each action is one
 * step that others cannot look into.
 */
final class Actions extends SenderActions {
    /** Sizes of a world. */
    record Bounds(int bytes, int upgrades, int ringCapacity, int chunk) {}

    Actions(Bounds bounds, Rule... broken) {
        super(bounds, broken);
    }

    /** The states that one step leads to. */
    List<World> from(World w) {
        List<World> next = begin(w);
        if (!w.over()) {
            sender();
            receiver();
            manager();
        }
        return next;
    }

    // ---- the receiver

    private void receiver() {
        switch (now.receiving) {
            case RAW -> raw();
            case RING -> ring();
            default -> framed();
        }
    }

    private void raw() {
        int there = now.tcp.size();
        boolean ended = there > 0 && now.tcp.get(0) == Item.EOF;
        boolean starts = startsHere(now) && (!ended || keeps(Rule.RING_BEFORE_THE_END_OF_TCP));
        can(starts, w -> enter(w, w.attached.start));
        if (starts) {
            return; // a reader looks there first
        }
        can(there > 0 && now.tcp.get(0) == Item.RESET, w -> w.reset = true);
        can(ended, World::endOfStream);
        for (int n = 1; n <= Math.min(bounds.chunk, there) && now.tcp.get(n - 1) < Item.EOF; n++) {
            int length = n;
            can(true, w -> readRaw(w, length));
        }
    }

    private static boolean startsHere(World w) {
        return w.attached != null && w.attached.start == w.taken;
    }

    private static void enter(World w, int owedStart) {
        w.owedStart = owedStart;
        w.reading = w.attached;
        w.attached = null;
        w.receiving = Path.RING;
        skipOwed(w);
    }

    /** A START frame that is at hand and says what the word has said. */
    private static boolean skipOwed(World w) {
        boolean owed = !w.buffered.isEmpty() && w.owedStart >= 0 && w.buffered.get(0) == (Item.START | w.owedStart);
        if (owed) {
            w.buffered.remove(0);
            w.owedStart = Ring.UNSET;
        }
        return owed;
    }

    /** For the application a frame is bytes like others, if nobody takes it back. */
    private void readRaw(World w, int length) {
        List<Integer> read = new ArrayList<>(w.tcp.subList(0, length));
        w.tcp.subList(0, length).clear();
        w.taken += length;
        int kept = length;
        if (w.attached != null
                && w.attached.start >= 0
                && w.attached.start < w.taken
                && keeps(Rule.TAKE_SURPLUS_BACK)) {
            kept = length - (w.taken - w.attached.start);
            if (kept < 0) {
                w.wrong = "the start lies behind";
                return;
            }
            w.taken = w.attached.start;
            w.buffered.addAll(read.subList(kept, length));
        }
        read.subList(0, kept).forEach(w::deliver);
    }

    private void ring() {
        can(now.look == null, w -> w.look = look(w));
        can(now.look != null, this::act);
        loop();
    }

    private static World.Look look(World w) {
        Ring r = w.reading;
        return new World.Look(w.tcpEnded, w.tcpReset, r.end, r.fin, r.aborted, r.data.isEmpty());
    }

    private void act(World w) {
        World.Look before = w.look;
        World.Look late = look(w);
        World.Look words = keeps(Rule.WORDS_BEFORE_DATA) ? before : late;
        boolean dataFirst = !keeps(Rule.WORDS_BEFORE_DATA) || !keeps(Rule.TCP_BEFORE_DATA);
        boolean empty = dataFirst ? before.empty() : late.empty();
        boolean ended = keeps(Rule.TCP_BEFORE_DATA) ? before.tcpEnded() : late.tcpEnded();
        w.look = null;
        if (!keeps(Rule.FIN_AFTER_DATA) && words.fin() != Ring.UNSET) {
            w.endOfStream();
        } else if (!empty && (keeps(Rule.EMPTY_BEFORE_LEAVING) || words.end() == Ring.UNSET)) {
            w.taken++;
            w.deliver(w.reading.data.remove(0));
        } else if (words.end() != Ring.UNSET) {
            leave(w, words.end());
        } else if (words.aborted() && keeps(Rule.ABORT_BEFORE_FIN)) {
            w.reset = true;
        } else if (words.fin() != Ring.UNSET) {
            w.endOfStream();
        } else if (ended) {
            endWithoutWords(w);
        }
    }

    private static void endWithoutWords(World w) {
        if (w.tcpReset) {
            w.reset = true;
        } else {
            w.endOfStream();
        }
    }

    private static void leave(World w, int end) {
        if (end != w.taken) {
            w.wrong = "the end is " + end + " but the ring is empty at " + w.taken;
        }
        w.reading.receiverReleased = true;
        w.reading = null;
        w.receiving = Path.FRAMED;
    }

    /** The watch loop: takes an owed START and sees TCP end. */
    private void loop() {
        boolean fromTcp = now.buffered.isEmpty() && !now.tcp.isEmpty();
        int first = fromTcp ? now.tcp.get(0) : -1;
        can(fromTcp && now.owedStart >= 0 && first == (Item.START | now.owedStart), w -> {
            w.tcp.remove(0);
            w.owedStart = Ring.UNSET;
        });
        can(first == Item.EOF || first == Item.RESET, w -> {
            w.tcp.remove(0);
            w.tcpEnded = true;
            w.tcpReset = first == Item.RESET;
            w.tcp.add(first); // a later read of TCP finds it, too
        });
    }

    private void framed() {
        boolean fromBuffer = !now.buffered.isEmpty();
        can(fromBuffer || !now.tcp.isEmpty(), w -> {
            int item = fromBuffer ? w.buffered.remove(0) : w.tcp.remove(0);
            frame(w, item);
        });
    }

    private void frame(World w, int item) {
        int offset = Item.offset(item);
        switch (Item.kind(item)) {
            case Item.START -> startFrame(w, offset);
            case Item.DATA -> {
                expect(w, offset);
                w.taken++;
                w.deliver(offset);
            }
            case Item.FIN -> {
                expect(w, offset);
                w.endOfStream();
            }
            case Item.EOF -> endOfFrames(w);
            case Item.RESET -> w.reset = true;
            default -> w.wrong = "no frame: byte " + item;
        }
    }

    private void endOfFrames(World w) {
        if (startsHere(w) && keeps(Rule.RING_BEFORE_THE_END_OF_TCP)) {
            enter(w, w.attached.start);
            w.tcp.add(Item.EOF); // it is found there again
        } else {
            w.endOfStream();
        }
    }

    private static void expect(World w, int offset) {
        if (offset != w.taken) {
            w.wrong = "a frame speaks of " + offset + ", expected " + w.taken;
        }
    }

    private void startFrame(World w, int offset) {
        if (w.owedStart == offset && keeps(Rule.SKIP_OWED_START)) {
            w.owedStart = Ring.UNSET;
        } else if (offset != w.taken || w.attached == null || w.attached.start != offset) {
            w.wrong = "START at " + offset + " is not for the ring that is attached";
        } else {
            enter(w, Ring.UNSET);
        }
    }

    // ---- the managers of both ends

    private void manager() {
        boolean free = now.active == null && now.draining == null || !keeps(Rule.ONE_RING_AT_A_TIME);
        can(
                now.offered == null
                        && now.onItsWay == null
                        && free
                        && !now.finished
                        && now.upgrades < bounds.upgrades
                        && !now.startWordDue,
                w -> {
                    w.upgrades++;
                    w.offered = new Ring();
                    w.onItsWay = w.offered;
                });
        can(now.onItsWay != null && now.look == null, this::attach);
        if (now.attached != null) {
            boolean started = now.attached.start != Ring.UNSET;
            can(!started && now.attached.cancelled, w -> {
                w.attached.receiverReleased = true;
                w.attached = null;
            });
            can(started && !now.attached.drained && now.attached.over(), w -> w.attached = drained(w.attached));
        }
        boolean over = now.reading != null && (now.reading.over() || !keeps(Rule.END_BEFORE_DRAINING));
        can(over && !now.reading.drained && now.look == null, this::drainReading);
    }

    private void attach(World w) {
        Ring r = w.onItsWay;
        w.onItsWay = null;
        if (w.attached == null && (w.receiving != Path.RING || !keeps(Rule.ONE_RING_AT_A_TIME))) {
            r.ready = true;
            w.attached = r;
        } else {
            r.receiverReleased = true;
        }
    }

    private static Ring drained(Ring r) {
        Ring copy = new Ring(r);
        copy.drained = true;
        r.receiverReleased = true;
        r.data.clear();
        return copy;
    }

    private void drainReading(World w) {
        w.reading = drained(w.reading);
        if (w.reading.end == w.taken && w.reading.data.isEmpty()) {
            leave(w, w.taken); // nothing is left to read in it
        } else if (!w.reading.over()) {
            w.reading.end = w.taken + w.reading.data.size();
        }
    }
}
