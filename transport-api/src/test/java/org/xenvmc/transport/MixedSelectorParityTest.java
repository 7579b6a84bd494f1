package org.xenvmc.transport;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.xenvmc.transport.World.bytes;
import static org.xenvmc.transport.World.nonBlocking;

import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/** Channels of the JDK in a selector of ours, alone and together with ours, compared with the JDK's selector. */
class MixedSelectorParityTest {

    @TestFactory
    Stream<DynamicTest> channelsOfTheJdk() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("Datagrams", (w, t) -> {
            DatagramChannel c = nonBlocking(w.keep(w.provider.openDatagramChannel()));
            c.bind(World.anyPort());
            Selector sel = w.selector();
            SelectionKey key = c.register(sel, OP_READ, "a");
            t.call("nothing", sel::selectNow);
            DatagramChannel sender = w.keep(w.provider.openDatagramChannel(StandardProtocolFamily.INET));
            sender.send(bytes(1), c.getLocalAddress());
            t.call("select", () -> sel.select(10_000));
            life(t, sel, key);
        });
        s.put("Pipes", (w, t) -> {
            Pipe pipe = w.provider.openPipe();
            w.keep(pipe.sink());
            Pipe.SourceChannel source = nonBlocking(w.keep(pipe.source()));
            Selector sel = w.selector();
            SelectionKey key = source.register(sel, OP_READ, "a");
            Background b = w.background(sel::select).blocked();
            pipe.sink().write(bytes(1));
            t.note("select", b.outcome());
            life(t, sel, key);
        });
        s.put("UnixDomainSockets", (w, t) -> {
            Path dir = Files.createTempDirectory("xv");
            w.keep(() -> Files.deleteIfExists(dir));
            Path path = dir.resolve("socket");
            w.keep(() -> Files.deleteIfExists(path));
            ServerSocketChannel listener = w.keep(w.provider.openServerSocketChannel(StandardProtocolFamily.UNIX));
            listener.bind(UnixDomainSocketAddress.of(path));
            SocketChannel c = w.keep(w.provider.openSocketChannel(StandardProtocolFamily.UNIX));
            c.connect(UnixDomainSocketAddress.of(path));
            Selector sel = w.selector();
            SelectionKey key = nonBlocking(c).register(sel, OP_READ, "a");
            w.keep(listener.accept()).write(bytes(1));
            t.call("select", () -> sel.select(10_000));
            life(t, sel, key);
        });
        s.put("Mixed", (w, t) -> {
            Pair p = w.pair().nonBlocking();
            Pipe pipe = w.provider.openPipe();
            w.keep(pipe.source());
            Selector sel = w.selector();
            SelectionKey sink = nonBlocking(w.keep(pipe.sink())).register(sel, OP_WRITE);
            SelectionKey ours = p.client().register(sel, OP_READ);
            t.call("sink", sel::select);
            t.note("sink ready", sink.readyOps());
            p.server().write(bytes(1));
            sel.selectedKeys().clear();
            World.await(() -> {
                sel.selectNow();
                return sel.selectedKeys().size() == 2;
            });
            t.note("ours ready", ours.readyOps());
        });
        s.put("AnotherProvidersSocket", (w, t) -> {
            ServerSocketChannel listener = w.listener();
            SocketChannel c = w.keep(JdkSelectorProvider.get().openSocketChannel());
            c.connect(listener.getLocalAddress());
            Selector sel = w.selector();
            SelectionKey key = nonBlocking(c).register(sel, OP_READ, "a");
            w.keep(listener.accept()).write(bytes(1));
            t.call("select", () -> sel.select(10_000));
            life(t, sel, key);
        });
        return Parity.tests(s);
    }

    /** Of a key that is selected and readable. */
    private static void life(Transcript t, Selector sel, SelectionKey key) throws Exception {
        SelectableChannel c = key.channel();
        t.note("ready", key.readyOps());
        t.note("attachment", key.attachment());
        t.note("channel", c.keyFor(sel) == key);
        t.note("keys", sel.keys().size());
        t.call("not removed", sel::selectNow);
        sel.selectedKeys().clear();
        t.call("removed", sel::selectNow);
        t.run("no interest", () -> key.interestOps(0));
        sel.selectedKeys().clear();
        t.call("select", sel::selectNow);
        t.call("register again", () -> c.register(sel, OP_READ, "b") == key);
        t.note("attachment", key.attachment());
        t.run("blocking", () -> c.configureBlocking(true));
        key.cancel();
        t.run("blocking", () -> c.configureBlocking(true));
        t.note("registered", c.isRegistered());
        t.call("flush", sel::selectNow);
        t.note("registered", c.isRegistered());
        t.note("keyFor", c.keyFor(sel));
        t.run("non-blocking", () -> c.configureBlocking(false));
        SelectionKey second = c.register(sel, OP_READ);
        t.call("select", sel::selectNow);
        t.call("ready", second::readyOps);
        c.close();
        t.note("valid", second.isValid());
        t.call("flush", sel::selectNow);
        t.note("keys", sel.keys().size());
        t.note("registered", c.isRegistered());
    }

    @TestFactory
    Stream<DynamicTest> closing() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("TheSelectorCloses", (w, t) -> {
            Pipe pipe = w.provider.openPipe();
            Selector sel = w.selector();
            SelectionKey key = nonBlocking(w.keep(pipe.sink())).register(sel, OP_WRITE);
            w.keep(pipe.source());
            sel.close();
            t.note("valid", key.isValid());
            t.note("registered", pipe.sink().isRegistered());
            t.run("blocking", () -> pipe.sink().configureBlocking(true));
            t.call("write", () -> pipe.sink().write(bytes(1)));
            t.call("read", () -> pipe.source().read(ByteBuffer.allocate(2)));
        });
        s.put("TheChannelClosesWhileSelecting", (w, t) -> {
            Pipe pipe = w.provider.openPipe();
            w.keep(pipe.sink());
            Selector sel = w.selector();
            nonBlocking(w.keep(pipe.source())).register(sel, OP_READ);
            Background b = w.background(sel::select).blocked();
            pipe.source().close();
            sel.wakeup();
            t.note("select", b.outcome());
            t.note("keys", sel.keys().size());
            t.call("nobody has the other end", () -> pipe.sink().write(bytes(1)));
        });
        s.put("ADatagramChannelClosesWhileSelecting", (w, t) -> {
            DatagramChannel c = nonBlocking(w.keep(w.provider.openDatagramChannel()));
            c.bind(World.anyPort());
            SocketAddress address = c.getLocalAddress();
            Selector sel = w.selector();
            c.register(sel, OP_READ);
            Background b = w.background(sel::select).blocked();
            c.close();
            sel.wakeup();
            t.note("select", b.outcome());
            DatagramChannel next = w.keep(w.provider.openDatagramChannel());
            t.run("the port is free", () -> next.bind(address));
        });
        s.put("AChannelOfTwoSelectorsClosesWhileBothSelect", (w, t) -> {
            Pipe pipe = w.provider.openPipe();
            w.keep(pipe.sink());
            Selector one = w.selector();
            Selector other = w.selector();
            nonBlocking(w.keep(pipe.source())).register(one, OP_READ);
            pipe.source().register(other, OP_READ);
            Background a = w.background(one::select).blocked();
            Background b = w.background(other::select).blocked();
            pipe.source().close();
            one.wakeup();
            t.note("select", a.outcome());
            t.note("registered", pipe.source().isRegistered());
            other.wakeup();
            t.note("select", b.outcome());
            t.call("nobody has the other end", () -> pipe.sink().write(bytes(1)));
        });
        s.put("TheChannelClosesAndThenTheSelector", (w, t) -> {
            Pipe pipe = w.provider.openPipe();
            w.keep(pipe.sink());
            Selector sel = w.selector();
            nonBlocking(w.keep(pipe.source())).register(sel, OP_READ);
            Background b = w.background(sel::select).blocked();
            pipe.source().close();
            sel.close();
            t.note("select", b.outcome());
            t.call("nobody has the other end", () -> pipe.sink().write(bytes(1)));
        });
        return Parity.tests(s);
    }
}
