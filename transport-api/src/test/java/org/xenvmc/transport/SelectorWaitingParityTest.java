package org.xenvmc.transport;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.xenvmc.transport.World.bytes;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/** How selections wait and end, and what the key sets allow, compared with the JDK's. */
class SelectorWaitingParityTest {
    private static final int LONG_MS = 10_000;

    @TestFactory
    Stream<DynamicTest> waiting() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("NothingIsRegistered", (w, t) -> {
            Selector sel = w.selector();
            t.call("now", sel::selectNow);
            t.call("timed", () -> sel.select(1));
            t.call("negative", () -> sel.select(-1));
        });
        s.put("WokenBefore", (w, t) -> {
            Selector sel = w.selector();
            sel.wakeup().wakeup();
            t.call("select", sel::select);
            sel.wakeup();
            t.call("now", sel::selectNow);
            t.call("timed", () -> sel.select(1));
            w.pair().nonBlocking().client().register(sel, OP_WRITE);
            sel.wakeup();
            t.call("with something ready", sel::select);
        });
        s.put("WokenWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            Background b = w.background(sel::select).blocked();
            sel.wakeup();
            t.note("select", b.outcome());
            Background timed = w.background(() -> sel.select(LONG_MS * 10)).blocked();
            sel.wakeup();
            t.note("timed", timed.outcome());
        });
        s.put("InterruptedWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            Background b = w.background(
                            () -> sel.select() + " " + Thread.currentThread().isInterrupted())
                    .blocked();
            b.thread.interrupt();
            t.note("select", b.outcome());
            t.note("open", sel.isOpen());
        });
        s.put("InterruptedBefore", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            Thread.currentThread().interrupt();
            t.call("select", sel::select);
            t.call("again", sel::select);
            c.register(sel, OP_WRITE);
            t.call("with something ready", sel::select);
            t.note("interrupted", Thread.interrupted());
        });
        s.put("ClosedWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            SelectionKey key = c.register(sel, OP_READ);
            Set<SelectionKey> keys = sel.keys();
            Background b = w.background(sel::select).blocked();
            sel.close();
            t.note("select", b.outcome());
            t.note("valid", key.isValid());
            t.note("registered", c.isRegistered());
            t.note("keys", keys.size());
            t.note("key's selector", key.selector() == sel);
            closed(t, sel);
            t.run("make blocking", () -> c.configureBlocking(true));
        });
        s.put("SomethingHappensWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            p.client().register(sel, OP_READ);
            Background b = w.background(sel::select).blocked();
            p.server().write(bytes(1));
            t.note("select", b.outcome());
        });
        s.put("RegisteringWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            Background b = w.background(() -> {
                        int n = 0;
                        while (n == 0) {
                            n = sel.select();
                        }
                        return n;
                    })
                    .blocked();
            SelectionKey key = c.register(sel, OP_WRITE);
            sel.wakeup();
            t.note("select", b.outcome());
            t.note("ready", key.readyOps());
        });
        s.put("CancelledWhileSelecting", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            SelectionKey key = c.register(sel, OP_READ);
            Background b = w.background(sel::select).blocked();
            key.cancel();
            sel.wakeup();
            t.note("select", b.outcome());
            t.note("registered", c.isRegistered());
            t.note("keys", sel.keys().size());
            t.note("again", c.register(sel, OP_WRITE).isValid());
        });
        s.put("CancelledBeforeSelecting", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            c.register(sel, OP_READ).cancel();
            Background b = w.background(sel::select).blocked();
            t.note("registered", c.isRegistered());
            t.note("keys", sel.keys().size());
            t.note("again", c.register(sel, OP_READ).isValid());
            sel.wakeup();
            t.note("select", b.outcome());
        });
        return Parity.tests(s);
    }

    @TestFactory
    Stream<DynamicTest> sets() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ChangingTheSets", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey one = p.client().register(sel, OP_WRITE);
            SelectionKey two = p.server().register(sel, OP_WRITE);
            t.call("select", sel::select);
            t.run("add to keys", () -> sel.keys().add(one));
            t.run("remove from keys", () -> sel.keys().remove(one));
            t.run("clear keys", () -> sel.keys().clear());
            t.run("remove by iterator", () -> {
                var i = sel.keys().iterator();
                i.next();
                i.remove();
            });
            Set<SelectionKey> selected = sel.selectedKeys();
            t.run("add to selected", () -> selected.add(one));
            t.run("add all to selected", () -> selected.addAll(Set.of(one)));
            t.call("remove", () -> selected.remove(one));
            t.call("remove again", () -> selected.remove(one));
            t.note("contains", selected.contains(one) + " " + selected.contains(two));
            t.call("select", sel::select);
            t.call("retain", () -> selected.retainAll(Set.of(two)));
            t.note("size", selected.size());
            t.call("remove if", () -> selected.removeIf(k -> k == two));
            t.note("empty", selected.isEmpty());
            t.note("same view", sel.selectedKeys() == selected);
        });
        s.put("Closed", (w, t) -> {
            Selector sel = w.selector();
            sel.close();
            t.run("again", sel::close);
            closed(t, sel);
        });
        return Parity.tests(s);
    }

    private static void closed(Transcript t, Selector sel) {
        t.note("open", sel.isOpen());
        t.call("keys", sel::keys);
        t.call("selectedKeys", sel::selectedKeys);
        t.call("select", sel::select);
        t.call("selectNow", sel::selectNow);
        t.call("timed", () -> sel.select(1));
        t.call("wakeup", () -> sel.wakeup() == sel);
    }
}
