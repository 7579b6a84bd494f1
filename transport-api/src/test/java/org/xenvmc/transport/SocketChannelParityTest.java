package org.xenvmc.transport;

import static org.xenvmc.transport.World.bytes;
import static org.xenvmc.transport.World.nonBlocking;

import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Pair;

/** States, arguments and options of a socket channel, compared with the JDK's. */
class SocketChannelParityTest {

    @TestFactory
    Stream<DynamicTest> states() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("NotConnected", (w, t) -> operations(t, w.socket()));
        s.put("NotConnectedAndNonBlocking", (w, t) -> operations(t, nonBlocking(w.socket())));
        s.put("ClosedUnconnected", (w, t) -> operations(t, closed(w.socket())));
        s.put("Connected", (w, t) -> queries(t, w.pair().client()));
        s.put("Accepted", (w, t) -> queries(t, w.pair().server()));
        s.put("ClosedConnected", (w, t) -> operations(t, closed(w.pair().client())));
        s.put(
                "ClosedConnectedNonBlocking",
                (w, t) -> operations(t, closed(w.pair().nonBlocking().client())));
        s.put("InterruptedWhileNotConnected", (w, t) -> {
            SocketChannel c = w.socket();
            Thread.currentThread().interrupt();
            t.call("read", () -> c.read(bytes(0)));
            t.note("interrupted", Thread.interrupted());
            t.note("open", c.isOpen());
        });
        return Parity.tests(s);
    }

    private static SocketChannel closed(SocketChannel c) throws Exception {
        c.close();
        return c;
    }

    private static void operations(Transcript t, SocketChannel c) {
        queries(t, c);
        t.call("read", () -> c.read(ByteBuffer.allocate(1)));
        t.call("read nothing", () -> c.read(ByteBuffer.allocate(0)));
        t.call("read read-only", () -> c.read(ByteBuffer.allocate(1).asReadOnlyBuffer()));
        t.call("read null", () -> c.read((ByteBuffer) null));
        t.call("scatter", () -> c.read(new ByteBuffer[] {ByteBuffer.allocate(1)}));
        t.call("write", () -> c.write(bytes(1)));
        t.call("gather", () -> c.write(new ByteBuffer[] {bytes(1), bytes(2)}));
        t.call("scatter out of bounds", () -> c.read(new ByteBuffer[1], 1, 1));
        t.run("shutdownInput", c::shutdownInput);
        t.run("shutdownOutput", c::shutdownOutput);
        t.call("finishConnect", c::finishConnect);
        t.run("configureBlocking", () -> c.configureBlocking(c.isBlocking()));
        t.run("configureBlocking other", () -> c.configureBlocking(!c.isBlocking()));
        t.call("connect null", () -> c.connect(null));
        t.call("connect unresolved", () -> c.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 1)));
        t.run("bind", () -> c.bind(World.anyPort()));
        t.run("bind again", () -> c.bind(World.anyPort()));
        t.run("close", c::close);
        t.run("close again", c::close);
        queries(t, c);
    }

    private static void queries(Transcript t, SocketChannel c) {
        t.note("open", c.isOpen());
        t.note("connected", c.isConnected());
        t.note("pending", c.isConnectionPending());
        t.note("blocking", c.isBlocking());
        t.note("registered", c.isRegistered());
        t.note("valid", c.validOps());
        t.call("local", c::getLocalAddress);
        t.call("remote", c::getRemoteAddress);
        t.note("string", c.toString().replaceAll("\\d{4,5}", "PORT"));
    }

    @TestFactory
    Stream<DynamicTest> connecting() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ConnectingTwice", (w, t) -> {
            Pair p = w.pair();
            t.call("connect", () -> p.client().connect(p.client().getRemoteAddress()));
            t.note("open", p.client().isOpen());
            t.call("accepted connect", () -> p.server().connect(p.server().getRemoteAddress()));
            t.call("finishConnect", () -> p.client().finishConnect());
        });
        s.put("NobodyListens", (w, t) -> {
            SocketChannel c = w.socket();
            InetSocketAddress dead = w.deadAddress();
            t.call("connect", () -> c.connect(dead));
            t.note("open", c.isOpen());
            t.call("connect again", () -> c.connect(dead));
        });
        s.put("NobodyListensNonBlocking", (w, t) -> {
            SocketChannel c = nonBlocking(w.socket());
            InetSocketAddress dead = w.deadAddress();
            t.call("outcome", () -> connectThenFinish(c, dead));
            t.note("open", c.isOpen());
            t.note("pending", c.isConnectionPending());
        });
        s.put("ConnectingNonBlocking", (w, t) -> {
            SocketChannel c = nonBlocking(w.socket());
            InetSocketAddress to = (InetSocketAddress) w.listener().getLocalAddress();
            t.call("outcome", () -> connectThenFinish(c, to));
            queries(t, c);
            t.call("finish again", c::finishConnect);
            t.call("read", () -> c.read(bytes(0)));
        });
        s.put("ConnectIsPending", (w, t) -> {
            SocketChannel c = nonBlocking(w.socket());
            c.connect(new InetSocketAddress("192.0.2.1", 9)); // TEST-NET-1: the answer is unreachable or none
            if (c.isConnectionPending()) {
                t.call("connect", () -> c.connect(w.listener().getLocalAddress()));
                t.call("read", () -> c.read(bytes(0)));
                t.call("write", () -> c.write(bytes(0)));
                t.run("bind", () -> c.bind(World.anyPort()));
                t.run("shutdownInput", c::shutdownInput);
                t.note("connected", c.isConnected());
            }
            t.run("close", c::close);
        });
        s.put("FinishingWithoutConnect", (w, t) -> {
            SocketChannel c = w.socket();
            t.call("blocking", c::finishConnect);
            t.call("non-blocking", () -> nonBlocking(c).finishConnect());
            t.note("open", c.isOpen());
        });
        s.put("ConnectingInterrupted", (w, t) -> {
            SocketChannel c = w.socket();
            InetSocketAddress to = (InetSocketAddress) w.listener().getLocalAddress();
            Thread.currentThread().interrupt();
            t.call("connect", () -> c.connect(to));
            t.note("interrupted", Thread.interrupted());
            t.note("open", c.isOpen());
        });
        s.put("BoundBeforeConnect", (w, t) -> {
            SocketChannel c = w.socket().bind(World.anyPort());
            t.call("local", c::getLocalAddress);
            t.call("connect", () -> c.connect(w.listener().getLocalAddress()));
            t.run("bind", () -> c.bind(null));
        });
        s.put("ConnectingWithIpv6", (w, t) -> {
            SocketChannel c = w.keep(w.provider.openSocketChannel(java.net.StandardProtocolFamily.INET6));
            t.call("connect", () -> c.connect(w.listener().getLocalAddress()));
            t.call("remote", c::getRemoteAddress);
        });
        s.put("ConnectingWithIpv4", (w, t) -> {
            SocketChannel c = w.keep(w.provider.openSocketChannel(java.net.StandardProtocolFamily.INET));
            t.call("to IPv6", () -> c.connect(new InetSocketAddress("::1", 9)));
            t.note("open", c.isOpen());
        });
        return Parity.tests(s);
    }

    private static String connectThenFinish(SocketChannel c, InetSocketAddress to) throws Exception {
        if (!c.connect(to)) {
            World.await(c::finishConnect);
        }
        return "connected";
    }

    @TestFactory
    Stream<DynamicTest> options() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("AskingForOptions", (w, t) -> allOptions(t, w.socket()));
        s.put("AskingForOptionsOfAConnection", (w, t) -> allOptions(t, w.pair().client()));
        s.put("SettingOptions", (w, t) -> {
            SocketChannel c = w.pair().client();
            set(t, c, StandardSocketOptions.SO_KEEPALIVE, true);
            set(t, c, StandardSocketOptions.TCP_NODELAY, false);
            set(t, c, StandardSocketOptions.SO_LINGER, 7);
            set(t, c, StandardSocketOptions.SO_LINGER, -1);
            set(t, c, StandardSocketOptions.SO_RCVBUF, 100_000);
            set(t, c, StandardSocketOptions.SO_SNDBUF, -1);
            set(t, c, StandardSocketOptions.IP_TOS, 16);
            set(t, c, StandardSocketOptions.IP_MULTICAST_TTL, 1);
            t.run("null value", () -> c.setOption(StandardSocketOptions.SO_LINGER, null));
            t.run("null name", () -> c.setOption(null, 1));
            t.run("closed", () -> closed(c).setOption(StandardSocketOptions.SO_LINGER, 1));
        });
        return Parity.tests(s);
    }

    private static void allOptions(Transcript t, SocketChannel c) {
        t.note(
                "names",
                c.supportedOptions().stream().map(SocketOption::name).sorted().collect(Collectors.toList()));
        c.supportedOptions().stream()
                .sorted(Comparator.comparing(SocketOption::name))
                .filter(o -> !o.name().equals("SO_INCOMING_NAPI_ID")) // a number of the network card's
                .forEach(o -> t.call(o.name(), () -> c.getOption(o)));
    }

    private static <T> void set(Transcript t, SocketChannel c, SocketOption<T> option, T value) {
        t.run("set " + option + " " + value, () -> c.setOption(option, value));
        t.call("get " + option, () -> c.getOption(option));
    }
}
