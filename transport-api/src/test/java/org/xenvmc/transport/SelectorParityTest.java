package org.xenvmc.transport;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.xenvmc.transport.World.bytes;
import static org.xenvmc.transport.World.nonBlocking;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Pair;

/** Selectors and keys over TCP, compared with the JDK's. */
class SelectorParityTest {
    private static final int LONG_MS = 10_000;

    @TestFactory
    Stream<DynamicTest> keys() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("Registering", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_READ, "att");
            keyQueries(t, key);
            t.note("keys", sel.keys().size());
            t.note("same", sel.keys().iterator().next() == key);
            t.note("keyFor", p.client().keyFor(sel) == key);
            t.note("registered", p.client().isRegistered());
            t.note("again", p.client().register(sel, OP_WRITE) == key);
            keyQueries(t, key);
            t.note("channel", key.channel() == p.client());
            t.note("selector", key.selector() == sel);
            t.note("provider", sel.provider() == w.provider);
        });
        s.put("RegisteringWrongly", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().client();
            t.call("blocking", () -> c.register(sel, OP_READ));
            nonBlocking(c);
            t.call("accept", () -> c.register(sel, OP_ACCEPT));
            t.call("null", () -> c.register(null, OP_READ));
            ServerSocketChannel listener = nonBlocking(w.listener());
            t.call("read", () -> listener.register(sel, OP_READ));
            SelectionKey key = c.register(sel, 0);
            t.run("bad interest", () -> key.interestOps(OP_ACCEPT));
            t.run("bad or", () -> key.interestOpsOr(OP_ACCEPT));
            t.run("bad and", () -> key.interestOpsAnd(OP_ACCEPT));
            t.run("make blocking", () -> c.configureBlocking(true));
            c.close();
            t.call("closed", () -> c.register(sel, OP_READ));
            sel.close();
            t.call("closed selector", () -> listener.register(sel, OP_ACCEPT));
            t.note("registered", listener.isRegistered());
        });
        s.put("ChangingInterest", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            SelectionKey key = c.register(sel, OP_READ);
            t.call("select", sel::selectNow);
            t.call("or", () -> key.interestOpsOr(OP_WRITE));
            t.call("interest", key::interestOps);
            t.call("select", sel::selectNow);
            t.call("ready", key::readyOps);
            t.call("and", () -> key.interestOpsAnd(~OP_WRITE));
            t.call("interest", key::interestOps);
            t.call("ready", key::readyOps);
            sel.selectedKeys().clear();
            t.call("select", sel::selectNow);
            t.run("none", () -> key.interestOps(0));
            t.call("select", sel::selectNow);
        });
        s.put("CancellingAKey", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = w.pair().nonBlocking().client();
            SelectionKey key = c.register(sel, OP_WRITE);
            t.call("select", sel::selectNow);
            key.cancel();
            keyQueries(t, key);
            t.note("keys", sel.keys().size());
            t.note("selected", sel.selectedKeys().size());
            t.note("registered", c.isRegistered());
            t.note("keyFor", c.keyFor(sel) == key);
            t.call("register", () -> c.register(sel, OP_WRITE));
            t.call("or", () -> key.interestOpsOr(OP_READ));
            t.run("interest", () -> key.interestOps(OP_READ));
            t.call("and", () -> key.interestOpsAnd(OP_READ));
            t.call("select", sel::selectNow);
            t.note("keys", sel.keys().size());
            t.note("selected", sel.selectedKeys().size());
            t.note("registered", c.isRegistered());
            t.note("keyFor", c.keyFor(sel));
            t.note("new key", c.register(sel, OP_WRITE) != key);
            t.call("select", sel::selectNow);
        });
        s.put("BlockingAgainAfterCancel", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_READ);
            sel.selectNow();
            key.cancel();
            t.run("blocking", () -> p.client().configureBlocking(true));
            p.server().write(bytes(7));
            t.call("read", () -> p.client().read(ByteBuffer.allocate(9)));
            t.call("select", sel::selectNow);
            t.run("non-blocking", () -> p.client().configureBlocking(false));
            t.note("register", p.client().register(sel, OP_READ).isValid());
        });
        s.put("ClosingARegisteredChannel", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_READ);
            sel.selectNow();
            p.client().close();
            keyQueries(t, key);
            t.note("keys", sel.keys().size());
            World.await(() -> p.server().read(bytes(0)) != 0);
            t.call("other side", () -> p.server().read(bytes(0)));
            t.call("select", sel::selectNow);
            t.note("keys", sel.keys().size());
            t.note("registered", p.client().isRegistered());
        });
        s.put("TwoSelectors", (w, t) -> {
            Selector one = w.selector();
            Selector two = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey first = p.client().register(one, OP_READ);
            SelectionKey second = p.client().register(two, OP_WRITE);
            p.server().write(bytes(1));
            t.call("one", () -> one.select(LONG_MS));
            t.call("two", () -> two.select(LONG_MS));
            t.call("first", first::readyOps);
            t.call("second", second::readyOps);
            first.cancel();
            t.note("second valid", second.isValid());
            t.run("make blocking", () -> p.client().configureBlocking(true));
            t.call("one", one::selectNow);
            t.note("registered", p.client().isRegistered());
        });
        return Parity.tests(s);
    }

    private static void keyQueries(Transcript t, SelectionKey key) {
        t.note("valid", key.isValid());
        t.note("attachment", key.attachment());
        t.call("interest", key::interestOps);
        t.call("ready", key::readyOps);
        t.call("readable", key::isReadable);
        t.call("writable", key::isWritable);
        t.call("acceptable", key::isAcceptable);
        t.call("connectable", key::isConnectable);
    }

    @TestFactory
    Stream<DynamicTest> readiness() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ReadyOpsAccumulate", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_WRITE);
            t.call("select", () -> sel.select(LONG_MS));
            t.call("ready", key::readyOps);
            t.call("not removed", sel::select);
            p.server().write(bytes(1));
            key.interestOps(OP_READ);
            t.call("readable", () -> sel.select(LONG_MS));
            t.call("ready", key::readyOps);
            t.call("still selected", sel::selectNow);
            t.note("selected", sel.selectedKeys().size());
            sel.selectedKeys().remove(key);
            t.call("removed", sel::select);
            t.call("ready", key::readyOps);
            sel.selectedKeys().clear();
            key.interestOps(0);
            t.call("no interest", sel::selectNow);
            t.call("ready", key::readyOps);
        });
        s.put("LevelTriggered", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            p.client().register(sel, OP_READ);
            p.server().write(bytes(1, 2));
            for (int i = 0; i < 2; i++) {
                t.call("select", sel::select);
                sel.selectedKeys().clear();
                t.call("read", () -> p.client().read(bytes(0)));
            }
        });
        s.put("EndOfStream", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_READ);
            p.server().close();
            t.call("select", () -> sel.select(LONG_MS));
            t.call("ready", key::readyOps);
            t.call("read", () -> p.client().read(bytes(0)));
            t.call("again", sel::select);
        });
        s.put("Reset", (w, t) -> {
            Selector sel = w.selector();
            Pair p = w.pair().nonBlocking();
            SelectionKey key = p.client().register(sel, OP_READ | OP_WRITE);
            p.server().socket().setSoLinger(true, 0);
            p.server().close();
            World.await(() -> {
                sel.selectNow();
                return key.readyOps() == (OP_READ | OP_WRITE);
            });
            t.call("read", () -> p.client().read(bytes(0)));
        });
        s.put("Accepting", (w, t) -> {
            Selector sel = w.selector();
            ServerSocketChannel listener = nonBlocking(w.listener());
            SelectionKey key = listener.register(sel, OP_ACCEPT);
            t.call("nobody", sel::selectNow);
            w.socket().connect(listener.getLocalAddress());
            t.call("select", () -> sel.select(LONG_MS));
            t.call("acceptable", key::isAcceptable);
            w.keep(listener.accept());
            t.call("accepted", sel::selectNow);
            sel.selectedKeys().clear();
            t.call("cleared", sel::selectNow);
        });
        s.put("Connecting", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = nonBlocking(w.socket());
            InetSocketAddress to = (InetSocketAddress) w.listener().getLocalAddress();
            if (!c.connect(to)) { // else the loop device was quick
                SelectionKey key = c.register(sel, OP_CONNECT);
                sel.select(LONG_MS);
                if (!key.isConnectable()) {
                    throw new AssertionError("selected, and not connectable");
                }
                c.finishConnect();
            }
            SelectionKey key = c.register(sel, OP_READ | OP_WRITE);
            sel.selectedKeys().clear();
            t.call("select", () -> sel.select(LONG_MS));
            t.call("ready", key::readyOps);
        });
        s.put("ConnectionIsRefused", (w, t) -> {
            Selector sel = w.selector();
            SocketChannel c = nonBlocking(w.socket());
            t.call("outcome", () -> {
                if (!c.connect(w.deadAddress())) {
                    c.register(sel, OP_CONNECT);
                    sel.select(LONG_MS);
                    c.finishConnect();
                }
                return "connected";
            });
            t.note("open", c.isOpen());
            t.call("select", sel::selectNow);
            t.note("keys", sel.keys().size());
        });
        s.put("NotConnectedAndRegistered", (w, t) -> {
            Selector sel = w.selector();
            SelectionKey key = nonBlocking(w.socket()).register(sel, OP_READ | OP_WRITE | OP_CONNECT);
            t.call("select", sel::selectNow);
            t.call("ready", key::readyOps);
        });
        s.put("SelectingWithAnAction", SelectorParityTest::actions);
        return Parity.tests(s);
    }

    private static void actions(World w, Transcript t) throws Exception {
        Selector sel = w.selector();
        Pair p = w.pair().nonBlocking();
        SelectionKey key = p.client().register(sel, OP_WRITE);
        List<Object> seen = new ArrayList<>();
        t.call("select", () -> sel.select(k -> seen.add(k == key ? k.readyOps() : "?")));
        t.call("timed", () -> sel.select(k -> seen.add(k.readyOps()), LONG_MS));
        t.call("now", () -> sel.selectNow(k -> seen.add(k.readyOps())));
        t.note("seen", seen);
        t.note("selected", sel.selectedKeys().size());
        t.call(
                "nested",
                () -> sel.select(k -> {
                    t.call("inner", sel::selectNow);
                    t.call("inner wakeup", () -> sel.wakeup() == sel);
                }));
        t.call(
                "failing",
                () -> sel.select(k -> {
                    throw new IllegalStateException("the action's own");
                }));
        t.call("woken", () -> sel.select(k -> seen.add("woken")));
        t.call("null", () -> sel.select(null));
        t.call("negative", () -> sel.select(k -> seen.add(k), -1));
        t.call("cancelling", () -> sel.select(SelectionKey::cancel));
        t.call("after", () -> sel.selectNow(k -> seen.add(k)));
        t.note("keys", sel.keys().size());
        p.server().register(sel, OP_WRITE);
        t.call(
                "closing",
                () -> sel.select(k -> {
                    try {
                        sel.close();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }));
        t.call("closed", () -> sel.select(k -> seen.add(k)));
    }
}
