package org.xenvmc.transport;

import static org.xenvmc.transport.World.nonBlocking;

import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Background;

/** Listening channels and their adaptors, compared with the JDK's. */
class ServerSocketParityTest {

    @TestFactory
    Stream<DynamicTest> channels() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("NotBound", (w, t) -> everything(t, w.keep(w.provider.openServerSocketChannel())));
        s.put("Bound", (w, t) -> everything(t, nonBlocking(w.listener())));
        s.put("Closed", (w, t) -> {
            ServerSocketChannel c = w.listener();
            c.close();
            everything(t, c);
        });
        s.put("Accepting", (w, t) -> {
            ServerSocketChannel c = w.listener();
            SocketChannel client = w.socket();
            client.connect(c.getLocalAddress());
            SocketChannel accepted = w.keep(c.accept());
            t.note("blocking", accepted.isBlocking());
            t.note("connected", accepted.isConnected());
            t.note("provider", accepted.provider() == w.provider);
            t.note("local", accepted.getLocalAddress().equals(client.getRemoteAddress()));
        });
        s.put("AcceptingNonBlocking", (w, t) -> {
            ServerSocketChannel c = nonBlocking(w.listener());
            t.call("nobody", c::accept);
            w.socket().connect(c.getLocalAddress());
            t.note("blocking", w.keep(c.accept()).isBlocking());
        });
        blockedThreads(s, "ClosedWhileAccepting", false);
        blockedThreads(s, "InterruptedWhileAccepting", true);
        s.put("InterruptedBeforeAccepting", (w, t) -> {
            ServerSocketChannel c = w.listener();
            Thread.currentThread().interrupt();
            t.call("accept", c::accept);
            t.note("interrupted", Thread.interrupted());
            t.note("open", c.isOpen());
        });
        return Parity.tests(s);
    }

    private static void blockedThreads(Map<String, Parity.Scenario> s, String name, boolean interrupt) {
        s.put(name, (w, t) -> {
            ServerSocketChannel c = w.listener();
            Background b = w.background(c::accept).blocked();
            end(c, b, interrupt);
            t.note("accept", b.outcome());
            t.note("open", c.isOpen());
        });
        s.put(name + "InTheAdaptor", (w, t) -> {
            ServerSocketChannel c = w.listener();
            Background b = w.background(() -> c.socket().accept()).blocked();
            end(c, b, interrupt);
            t.note("accept", b.outcome());
            t.note("open", c.isOpen());
        });
        s.put(name + "InTheAdaptorWithTimeout", (w, t) -> {
            ServerSocketChannel c = w.listener();
            c.socket().setSoTimeout(10_000);
            Background b = w.background(() -> c.socket().accept()).blocked();
            end(c, b, interrupt);
            t.note("accept", b.outcome());
            t.note("open", c.isOpen());
        });
    }

    private static void end(ServerSocketChannel c, Background b, boolean interrupt) throws Exception {
        if (interrupt) {
            b.thread.interrupt();
        } else {
            c.close();
        }
    }

    private static void everything(Transcript t, ServerSocketChannel c) {
        t.note("open", c.isOpen());
        t.note("valid", c.validOps());
        t.note("local", Transcript.outcome(c::getLocalAddress));
        t.call("accept", c::accept);
        t.note(
                "options",
                c.supportedOptions().stream().map(SocketOption::name).sorted().collect(Collectors.toList()));
        t.run("set", () -> c.setOption(StandardSocketOptions.SO_REUSEADDR, true));
        t.call("get", () -> c.getOption(StandardSocketOptions.SO_REUSEADDR));
        t.run("set other", () -> c.setOption(StandardSocketOptions.TCP_NODELAY, true));
        t.run("bind", () -> c.bind(World.anyPort()));
        t.run("bind again", () -> c.bind(null, 3));
        t.run("configureBlocking", () -> c.configureBlocking(false));
        t.run("close", c::close);
        t.run("close again", c::close);
    }

    @TestFactory
    Stream<DynamicTest> adaptors() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put(
                "AdaptorNotBound",
                (w, t) -> everything(
                        t, w.keep(w.provider.openServerSocketChannel()).socket()));
        s.put("AdaptorBound", (w, t) -> everything(t, nonBlocking(w.listener()).socket()));
        s.put("AdaptorClosed", (w, t) -> {
            ServerSocket socket = w.listener().socket();
            socket.close();
            everything(t, socket);
        });
        s.put("AdaptorAccepts", (w, t) -> {
            ServerSocketChannel c = w.listener();
            for (int timeoutMs : new int[] {0, 10_000}) {
                c.socket().setSoTimeout(timeoutMs);
                SocketChannel client = w.socket();
                client.connect(c.getLocalAddress());
                Socket accepted = w.keep(c.socket().accept());
                t.note("provider", accepted.getChannel().provider() == w.provider);
                t.note("connected", accepted.isConnected());
                accepted.getOutputStream().write(5);
                t.call("read", () -> client.socket().getInputStream().read());
            }
        });
        s.put("AdaptorAcceptsNonBlocking", (w, t) -> {
            ServerSocketChannel c = nonBlocking(w.listener());
            t.call("nobody", () -> c.socket().accept());
            w.socket().connect(c.getLocalAddress());
            World.await(
                    () -> Transcript.outcome(() -> w.keep(c.socket().accept()).isConnected())
                            .equals("true"));
            c.socket().setSoTimeout(10_000);
            t.call("with time-out", () -> c.socket().accept());
        });
        s.put("AdaptorWaitedLongEnough", (w, t) -> {
            ServerSocketChannel c = w.listener();
            c.socket().setSoTimeout(1);
            t.call("accept", () -> c.socket().accept());
            t.note("open", c.isOpen());
        });
        s.put("AdaptorBinds", (w, t) -> {
            ServerSocketChannel c = w.keep(w.provider.openServerSocketChannel());
            t.run("bind", () -> c.socket().bind(World.anyPort(), 5));
            t.run("again", () -> c.socket().bind(World.anyPort()));
            w.socket().connect(c.getLocalAddress());
            t.note("connected", w.keep(c.accept()).isConnected());
        });
        return Parity.tests(s);
    }

    private static void everything(Transcript t, ServerSocket s) {
        t.note("bound", s.isBound());
        t.note("closed", s.isClosed());
        t.note("address", s.getInetAddress());
        t.note("port", Integer.signum(s.getLocalPort()));
        t.call("local", s::getLocalSocketAddress);
        t.note("string", s.toString().replaceAll("\\d{4,5}", "PORT"));
        t.call("accept", s::accept);
        t.run("setSoTimeout", () -> s.setSoTimeout(5));
        t.run("setSoTimeout negative", () -> s.setSoTimeout(-5));
        t.call("getSoTimeout", s::getSoTimeout);
        t.run("setReuseAddress", () -> s.setReuseAddress(true));
        t.call("getReuseAddress", s::getReuseAddress);
        t.run("setReceiveBufferSize", () -> s.setReceiveBufferSize(100_000));
        t.run("setReceiveBufferSize 0", () -> s.setReceiveBufferSize(0));
        t.call("getReceiveBufferSize", s::getReceiveBufferSize);
        t.run("setPerformancePreferences", () -> s.setPerformancePreferences(1, 2, 3));
        t.run("setOption", () -> s.setOption(StandardSocketOptions.SO_REUSEADDR, false));
        t.call("getOption", () -> s.getOption(StandardSocketOptions.SO_REUSEADDR));
        t.note("options", s.supportedOptions().size());
        t.run("bind", () -> s.bind(World.anyPort()));
        t.run("close", s::close);
        t.run("close again", s::close);
    }
}
