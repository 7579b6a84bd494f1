package org.xenvmc.transport;

import static org.xenvmc.transport.World.bytes;
import static org.xenvmc.transport.World.nonBlocking;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.xenvmc.transport.World.Background;
import org.xenvmc.transport.World.Pair;

/** {@link SocketChannel#socket()}, compared with the JDK's. */
class SocketAdaptorParityTest {

    @TestFactory
    Stream<DynamicTest> states() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("Unconnected", (w, t) -> everything(t, w.socket().socket()));
        s.put("Closed", (w, t) -> {
            Socket socket = w.socket().socket();
            socket.close();
            everything(t, socket);
        });
        s.put("Connected", (w, t) -> everything(t, w.pair().client().socket()));
        s.put("Accepted", (w, t) -> everything(t, w.pair().server().socket()));
        s.put("ConnectedThenClosed", (w, t) -> {
            Socket socket = w.pair().client().socket();
            socket.close();
            everything(t, socket);
        });
        s.put("AskingForTheSameAdaptor", (w, t) -> {
            SocketChannel c = w.socket();
            t.note("same", c.socket() == c.socket());
            t.note("channel", c.socket().getChannel() == c);
        });
        return Parity.tests(s);
    }

    private static void everything(Transcript t, Socket s) {
        queries(t, s);
        t.run("setTcpNoDelay", () -> s.setTcpNoDelay(true));
        t.call("getTcpNoDelay", s::getTcpNoDelay);
        t.run("setSoLinger", () -> s.setSoLinger(true, 3));
        t.run("setSoLinger negative", () -> s.setSoLinger(true, -3));
        t.call("getSoLinger", s::getSoLinger);
        t.run("setSoLinger off", () -> s.setSoLinger(false, 0));
        t.run("setOOBInline", () -> s.setOOBInline(true));
        t.call("getOOBInline", s::getOOBInline);
        t.run("setSoTimeout", () -> s.setSoTimeout(77));
        t.run("setSoTimeout negative", () -> s.setSoTimeout(-1));
        t.call("getSoTimeout", s::getSoTimeout);
        t.run("setSendBufferSize 0", () -> s.setSendBufferSize(0));
        t.run("setReceiveBufferSize", () -> s.setReceiveBufferSize(100_000));
        t.call("getReceiveBufferSize", s::getReceiveBufferSize);
        t.run("setKeepAlive", () -> s.setKeepAlive(true));
        t.call("getKeepAlive", s::getKeepAlive);
        t.run("setTrafficClass", () -> s.setTrafficClass(8));
        t.call("getTrafficClass", s::getTrafficClass);
        t.run("setReuseAddress", () -> s.setReuseAddress(true));
        t.call("getReuseAddress", s::getReuseAddress);
        t.run("setPerformancePreferences", () -> s.setPerformancePreferences(1, 2, 3));
        t.run("setOption", () -> s.setOption(StandardSocketOptions.SO_KEEPALIVE, false));
        t.call("getOption", () -> s.getOption(StandardSocketOptions.SO_KEEPALIVE));
        t.note("options", s.supportedOptions().size());
        t.run("bind", () -> s.bind(World.anyPort()));
        t.run("bind again", () -> s.bind(null));
        t.run("getInputStream", s::getInputStream);
        t.run("getOutputStream", s::getOutputStream);
        t.run("shutdownInput", s::shutdownInput);
        t.run("shutdownOutput", s::shutdownOutput);
        t.run("getInputStream after", s::getInputStream);
        t.run("getOutputStream after", s::getOutputStream);
        t.run("connect null", () -> s.connect(null));
        t.run("connect negative", () -> s.connect(World.anyPort(), -1));
        t.run("connect unresolved", () -> s.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 1)));
        queries(t, s);
        t.run("close", s::close);
    }

    private static void queries(Transcript t, Socket s) {
        t.note("bound", s.isBound());
        t.note("connected", s.isConnected());
        t.note("closed", s.isClosed());
        t.note("input shut", s.isInputShutdown());
        t.note("output shut", s.isOutputShutdown());
        t.note("address", s.getInetAddress());
        t.note("local address", s.getLocalAddress());
        t.note("port", Integer.signum(s.getPort()));
        t.note("local port", Integer.signum(s.getLocalPort()));
        t.call("local", s::getLocalSocketAddress);
        t.call("remote", s::getRemoteSocketAddress);
        t.note("string", s.toString().replaceAll("\\d{4,5}", "PORT"));
    }

    @TestFactory
    Stream<DynamicTest> connecting() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        for (int timeoutMs : new int[] {0, 10_000}) {
            s.put("ConnectingWithTimeout" + timeoutMs, (w, t) -> {
                Socket socket = w.socket().socket();
                InetSocketAddress to = (InetSocketAddress) w.listener().getLocalAddress();
                t.run("connect", () -> socket.connect(to, timeoutMs));
                queries(t, socket);
                t.run("connect again", () -> socket.connect(to, timeoutMs));
                t.note("blocking", socket.getChannel().isBlocking());
            });
            s.put("NobodyListensWithTimeout" + timeoutMs, (w, t) -> {
                Socket socket = w.socket().socket();
                InetSocketAddress dead = w.deadAddress();
                t.run("connect", () -> socket.connect(dead, timeoutMs));
                t.note("open", socket.getChannel().isOpen());
                t.note("closed", socket.isClosed());
            });
            s.put("ConnectingNonBlockingWithTimeout" + timeoutMs, (w, t) -> {
                SocketChannel c = nonBlocking(w.socket());
                t.run("connect", () -> c.socket().connect(w.listener().getLocalAddress(), timeoutMs));
                t.note("open", c.isOpen());
            });
        }
        return Parity.tests(s);
    }

    @TestFactory
    Stream<DynamicTest> streams() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ReadingAndWriting", SocketAdaptorParityTest::readAndWrite);
        for (int timeoutMs : new int[] {0, 10_000}) {
            s.put("ReadingToTheEndWithTimeout" + timeoutMs, (w, t) -> {
                Pair p = w.pair();
                p.client().socket().setSoTimeout(timeoutMs);
                InputStream in = p.client().socket().getInputStream();
                p.server().write(bytes(1, 2, 3));
                p.server().close();
                t.call("available", () -> awaitAvailable(in, 3));
                t.call("read", () -> in.read(new byte[9], 2, 3));
                t.call("end", in::read);
                t.call("end again", () -> in.read(new byte[9]));
                t.call("available at end", in::available);
            });
            s.put("InputIsShutDownWithTimeout" + timeoutMs, (w, t) -> {
                Pair p = w.pair();
                p.client().socket().setSoTimeout(timeoutMs);
                InputStream in = p.client().socket().getInputStream();
                p.server().write(bytes(1, 2, 3));
                p.client().socket().shutdownInput();
                t.call("available", in::available);
                t.call("read", in::read);
            });
            s.put("ClosedWithTimeout" + timeoutMs, (w, t) -> {
                Pair p = w.pair();
                Socket socket = p.client().socket();
                socket.setSoTimeout(timeoutMs);
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream();
                socket.close();
                t.call("read", in::read);
                t.call("read nothing", () -> in.read(new byte[0]));
                t.call("available", in::available);
                t.run("write", () -> out.write(1));
                t.run("write nothing", () -> out.write(new byte[0]));
            });
            s.put("NonBlockingWithTimeout" + timeoutMs, (w, t) -> {
                Pair p = w.pair();
                Socket socket = p.client().socket();
                socket.setSoTimeout(timeoutMs);
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream();
                p.client().configureBlocking(false);
                t.call("read", in::read);
                t.run("write", () -> out.write(1));
                t.call("available", in::available);
            });
            s.put("ClosedWhileReadingWithTimeout" + timeoutMs, (w, t) -> {
                Socket socket = w.pair().client().socket();
                socket.setSoTimeout(timeoutMs);
                InputStream in = socket.getInputStream();
                Background reader = w.background(in::read).blocked();
                socket.close();
                t.note("reader", reader.outcome());
            });
            s.put("InterruptedWhileReadingWithTimeout" + timeoutMs, (w, t) -> {
                Socket socket = w.pair().client().socket();
                socket.setSoTimeout(timeoutMs);
                InputStream in = socket.getInputStream();
                Background reader = w.background(in::read).blocked();
                reader.thread.interrupt();
                t.note("reader", reader.outcome());
                t.note("closed", socket.isClosed());
            });
            s.put("InterruptedBeforeReadingWithTimeout" + timeoutMs, (w, t) -> {
                Socket socket = w.pair().client().socket();
                socket.setSoTimeout(timeoutMs);
                InputStream in = socket.getInputStream();
                Thread.currentThread().interrupt();
                t.call("read", in::read);
                t.note("interrupted", Thread.interrupted());
                t.note("closed", socket.isClosed());
            });
            s.put("ResetWithTimeout" + timeoutMs, (w, t) -> {
                Pair p = w.pair();
                p.client().socket().setSoTimeout(timeoutMs);
                InputStream in = p.client().socket().getInputStream();
                p.server().socket().setSoLinger(true, 0);
                p.server().close();
                t.call("read", in::read);
                t.call("read again", in::read);
            });
        }
        s.put("TheTimeIsOver", (w, t) -> {
            Pair p = w.pair();
            p.client().socket().setSoTimeout(1);
            InputStream in = p.client().socket().getInputStream();
            t.call("read", in::read);
            p.server().write(bytes(5));
            p.client().socket().setSoTimeout(10_000);
            t.call("read again", in::read);
            t.note("open", p.client().isOpen());
        });
        s.put("ClosingAStream", (w, t) -> {
            Pair p = w.pair();
            p.client().socket().getInputStream().close();
            t.note("closed", p.client().socket().isClosed());
            p.server().socket().getOutputStream().close();
            t.note("open", p.server().isOpen());
        });
        s.put("ArgumentsAreWrong", (w, t) -> {
            Socket socket = w.pair().client().socket();
            t.call("read", () -> socket.getInputStream().read(new byte[2], 1, 2));
            t.call("read null", () -> socket.getInputStream().read(null, 0, 0));
            t.run("write", () -> socket.getOutputStream().write(new byte[2], -1, 2));
            t.run("write null", () -> socket.getOutputStream().write(null));
        });
        s.put("UrgentDataIsSent", (w, t) -> {
            Pair p = w.pair();
            p.server().socket().setOOBInline(true);
            t.run("send", () -> p.client().socket().sendUrgentData(42));
            t.call("read", () -> p.server().socket().getInputStream().read());
        });
        return Parity.tests(s);
    }

    private static void readAndWrite(World w, Transcript t) throws Exception {
        Pair p = w.pair();
        OutputStream out = p.client().socket().getOutputStream();
        InputStream in = p.server().socket().getInputStream();
        t.run("write", () -> out.write(new byte[] {0, 1, 2, -1, 4}, 1, 3));
        t.run("write one", () -> out.write(0x1ff));
        t.call("available", () -> awaitAvailable(in, 4));
        byte[] b = {9, 9, 9, 9, 9, 9};
        t.call("read", () -> in.read(b, 1, 2));
        t.note("bytes", Arrays.toString(b));
        t.call("read one", in::read);
        t.call("skip", () -> in.skip(1));
        Background writer = w.background(() -> {
            out.write(new byte[8 << 20]);
            return "wrote";
        });
        t.call("read large", () -> in.readNBytes(8 << 20).length);
        t.note("writer", writer.outcome());
        t.call("channel too", () -> p.client().write(ByteBuffer.wrap(new byte[] {7})));
        t.call("read from channel", in::read);
    }

    private static int awaitAvailable(InputStream in, int n) {
        World.await(() -> in.available() >= n);
        return n;
    }
}
