package org.xenvmc.transport;

import static org.xenvmc.transport.World.bytes;

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

/** Reading, writing, half close, close and interrupts, compared with the JDK's channels. */
class SocketDataParityTest {

    @TestFactory
    Stream<DynamicTest> data() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ReadingAndWriting", (w, t) -> {
            Pair p = w.pair();
            t.call("write", () -> p.client().write(bytes(1, 2, 3)));
            ByteBuffer in = ByteBuffer.allocateDirect(10);
            in.position(2);
            t.call("read", () -> p.server().read(in));
            t.note("buffer", in);
            t.note("byte", in.get(4));
            t.call("write nothing", () -> p.client().write(bytes()));
            t.call("read nothing", () -> p.server().read(bytes()));
        });
        s.put("NothingIsThere", (w, t) -> {
            Pair p = w.pair().nonBlocking();
            t.call("read", () -> p.server().read(bytes(0)));
            t.call("scatter", () -> p.server().read(new ByteBuffer[] {bytes(0), bytes(0)}));
            t.call("read-only", () -> p.server().read(bytes(0).asReadOnlyBuffer()));
        });
        s.put("ScatteringAndGathering", SocketDataParityTest::scatterAndGather);
        s.put("ArgumentsAreWrong", (w, t) -> {
            Pair p = w.pair();
            ByteBuffer[] two = {bytes(1), bytes(2)};
            t.call("read beyond", () -> p.client().read(two, 1, 2));
            t.call("read negative", () -> p.client().read(two, -1, 1));
            t.call("write beyond", () -> p.client().write(two, 2, 1));
            t.call("write overflow", () -> p.client().write(two, 1, Integer.MAX_VALUE));
            t.call("null array", () -> p.client().read((ByteBuffer[]) null, 0, 0));
            t.call("null element", () -> p.client().write(new ByteBuffer[] {null}));
            t.call("read into null element", () -> p.client().read(new ByteBuffer[] {null}));
            t.call("null", () -> p.client().write((ByteBuffer) null));
            t.call("no buffers", () -> p.client().write(new ByteBuffer[0]));
            t.call("read-only", () -> p.client().read(bytes(0).asReadOnlyBuffer()));
            t.call("read-only element", () -> p.client().read(new ByteBuffer[] {bytes(0).asReadOnlyBuffer()}));
            t.note("open", p.client().isOpen());
        });
        s.put("WritingUntilFull", (w, t) -> {
            Pair p = w.pair().nonBlocking();
            t.note("wrote", World.fill(p.client()) > 0);
            t.call("write more", () -> p.client().write(bytes(1)));
        });
        s.put("LargeWritesBlock", (w, t) -> {
            Pair p = w.pair();
            int size = 16 << 20;
            Background writer = w.background(() -> p.client().write(ByteBuffer.allocate(size)));
            t.call("read all", () -> readAll(p.server(), size));
            t.note("written", writer.outcome());
        });
        return Parity.tests(s);
    }

    private static void scatterAndGather(World w, Transcript t) throws Exception {
        Pair p = w.pair();
        ByteBuffer[] out = {
            bytes(1, 2), ByteBuffer.allocateDirect(3).put(new byte[] {3, 4, 5}).flip(), bytes(), bytes(6)
        };
        t.call("gather", () -> p.client().write(out, 0, 4));
        ByteBuffer[] in = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(4), ByteBuffer.allocate(9)};
        World.await(() -> p.server().socket().getInputStream().available() == 6);
        t.call("scatter", () -> p.server().read(in));
        t.note("buffers", Arrays.toString(in));
        t.note("last", in[2].get(0));
        t.call("part", () -> p.client().write(new ByteBuffer[] {bytes(1), bytes(2), bytes(3)}, 1, 1));
        ByteBuffer one = ByteBuffer.allocate(2);
        t.call("read part", () -> p.server().read(new ByteBuffer[] {null, one, null}, 1, 1));
        t.note("value", one.get(0));
    }

    private static int readAll(SocketChannel c, int size) throws Exception {
        ByteBuffer b = ByteBuffer.allocateDirect(size);
        while (b.hasRemaining() && c.read(b) > 0) {
            Thread.onSpinWait();
        }
        return b.position();
    }

    @TestFactory
    Stream<DynamicTest> halfClose() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("OutputIsShutDown", (w, t) -> {
            Pair p = w.pair();
            p.client().write(bytes(1));
            t.run("shutdown", () -> p.client().shutdownOutput());
            t.run("again", () -> p.client().shutdownOutput());
            t.call("write", () -> p.client().write(bytes(2)));
            t.call("gather", () -> p.client().write(new ByteBuffer[] {bytes(2)}));
            t.note("open", p.client().isOpen());
            t.call("read", () -> p.server().read(ByteBuffer.allocate(9)));
            t.call("end", () -> p.server().read(ByteBuffer.allocate(9)));
            t.call("end again", () -> p.server().read(new ByteBuffer[] {ByteBuffer.allocate(9)}));
            t.call("back", () -> p.server().write(bytes(3)));
            t.call("read back", () -> p.client().read(ByteBuffer.allocate(9)));
        });
        s.put("OutputIsShutDownNonBlocking", (w, t) -> {
            Pair p = w.pair().nonBlocking();
            p.client().shutdownOutput();
            t.call("write", () -> p.client().write(bytes(2)));
            World.await(() -> p.server().read(ByteBuffer.allocate(1)) != 0);
            t.call("end", () -> p.server().read(ByteBuffer.allocate(1)));
        });
        s.put("InputIsShutDown", (w, t) -> {
            Pair p = w.pair();
            p.server().write(bytes(1));
            t.run("shutdown", () -> p.client().shutdownInput());
            t.run("again", () -> p.client().shutdownInput());
            t.call("read", () -> p.client().read(ByteBuffer.allocate(9)));
            t.call("scatter", () -> p.client().read(new ByteBuffer[] {ByteBuffer.allocate(9)}));
            t.call("write", () -> p.client().write(bytes(2)));
            t.call("other reads", () -> p.server().read(ByteBuffer.allocate(9)));
        });
        s.put("InputIsShutDownWhileReading", (w, t) -> {
            Pair p = w.pair();
            Background reader =
                    w.background(() -> p.client().read(ByteBuffer.allocate(9))).blocked();
            p.client().shutdownInput();
            t.note("reader", reader.outcome());
            t.note("open", p.client().isOpen());
        });
        s.put("PeerCloses", (w, t) -> {
            Pair p = w.pair();
            p.client().write(bytes(1));
            p.client().close();
            t.call("read", () -> p.server().read(ByteBuffer.allocate(9)));
            t.call("end", () -> p.server().read(ByteBuffer.allocate(9)));
            t.note("connected", p.server().isConnected());
        });
        s.put("PeerResets", (w, t) -> {
            Pair p = w.pair();
            p.client().setOption(StandardSocketOptions.SO_LINGER, 0);
            p.client().close();
            t.call("read", () -> p.server().read(ByteBuffer.allocate(9)));
            t.call("read again", () -> p.server().read(ByteBuffer.allocate(9)));
            t.call("write", () -> p.server().write(bytes(1)));
            t.note("open", p.server().isOpen());
        });
        return Parity.tests(s);
    }

    @TestFactory
    Stream<DynamicTest> endsOfBlockedThreads() {
        Map<String, Parity.Scenario> s = new LinkedHashMap<>();
        s.put("ClosedWhileReading", (w, t) -> {
            SocketChannel c = w.pair().client();
            Background reader =
                    w.background(() -> c.read(ByteBuffer.allocate(9))).blocked();
            c.close();
            t.note("reader", reader.outcome());
        });
        s.put("ClosedWhileScattering", (w, t) -> {
            SocketChannel c = w.pair().client();
            Background reader = w.background(() -> c.read(new ByteBuffer[] {ByteBuffer.allocate(9)}))
                    .blocked();
            c.close();
            t.note("reader", reader.outcome());
        });
        s.put("InterruptedWhileReading", (w, t) -> {
            SocketChannel c = w.pair().client();
            Background reader =
                    w.background(() -> c.read(ByteBuffer.allocate(9))).blocked();
            reader.thread.interrupt();
            t.note("reader", reader.outcome());
            t.note("open", c.isOpen());
            t.call("read", () -> c.read(ByteBuffer.allocate(9)));
        });
        s.put("ClosedWhileWriting", (w, t) -> {
            SocketChannel c = w.pair().client();
            Background writer = w.background(() -> c.write(ByteBuffer.allocateDirect(64 << 20)))
                    .blocked();
            c.close();
            // how much went out differs from run to run, but the write is complete for the JDK if anything did
            t.note("writer threw", writer.outcome().contains("Exception"));
            t.note("open", c.isOpen());
        });
        s.put("InterruptedBeforeReading", (w, t) -> {
            Pair p = w.pair();
            p.server().write(bytes(1));
            Thread.currentThread().interrupt();
            t.call("read", () -> p.client().read(ByteBuffer.allocate(9)));
            t.note("interrupted", Thread.interrupted());
            t.note("open", p.client().isOpen());
        });
        s.put("InterruptedBeforeWriting", (w, t) -> {
            Pair p = w.pair();
            Thread.currentThread().interrupt();
            t.call("write", () -> p.client().write(bytes(1)));
            t.note("interrupted", Thread.interrupted());
            t.note("open", p.client().isOpen());
            t.call("other side", () -> p.server().read(ByteBuffer.allocate(9)));
        });
        s.put("InterruptedBeforeGathering", (w, t) -> {
            Pair p = w.pair();
            Thread.currentThread().interrupt();
            t.call("write", () -> p.client().write(new ByteBuffer[] {bytes(1)}));
            t.note("interrupted", Thread.interrupted());
            t.note("open", p.client().isOpen());
        });
        s.put("InterruptedAndNonBlocking", (w, t) -> {
            Pair p = w.pair().nonBlocking();
            Thread.currentThread().interrupt();
            t.call("read", () -> p.client().read(ByteBuffer.allocate(9)));
            t.call("write", () -> p.client().write(bytes(1)));
            t.note("interrupted", Thread.interrupted());
            t.note("open", p.client().isOpen());
        });
        return Parity.tests(s);
    }
}
