package org.xenvmc.migration.process;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;

/** Many connections at once between two processes, all of them on shared memory, each with traffic. */
@Timeout(240)
class ManyConnectionsTest {
    private static final int WANTED = Integer.getInteger("xenvmc.test.connections", 10_000);
    private static final int RING_BYTES = 16 * 1024;
    /** Descriptors that each process needs besides its connections. */
    private static final int RESERVED_DESCRIPTORS = 500;

    private static final int AT_ONCE = 256;
    private static final int MESSAGE_BYTES = 300;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static int connections() {
        UnixOperatingSystemMXBean os = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long possible = os.getMaxFileDescriptorCount() - RESERVED_DESCRIPTORS;
        int n = (int) Math.min(WANTED, possible);
        System.out.println(n + " connections");
        return n;
    }

    private static final class Session {
        final StreamPattern pattern;
        final ByteBuffer in = ByteBuffer.allocate(MESSAGE_BYTES);
        long offset;

        Session(int number) {
            pattern = new StreamPattern(number);
        }
    }

    @Test
    void shouldCarryThemAllWhenThereAreTenThousand() throws Exception {
        int n = connections();
        Residue before = Residue.now();
        try (HostDirectory host = HostDirectory.create()) {
            try (Vm vm = Vm.on(host, c -> c.ringMaxBytes(RING_BYTES).ringMinBytes(RING_BYTES));
                    ChildVm child = ChildVm.on(host, "-Dxenvmc.ring.max=16k", "-Dxenvmc.ring.min=16k");
                    Selector selector = vm.provider().openSelector()) {
                run(vm, child, selector, n);
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
                selector.selectNow();
                vm.awaitNoConnections();
                child.exit();
            }
            before.awaitNothingNew(host::residue);
        }
    }

    private static void run(Vm vm, ChildVm child, Selector selector, int n) throws Exception {
        InetSocketAddress echo = new InetSocketAddress(InetAddress.getLoopbackAddress(), child.askPort("select"));
        connect(vm, selector, echo, n);
        long rounds = 0;
        long start = System.nanoTime();
        do {
            exchange(selector);
            rounds++;
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new AssertionError("not all on shared memory after " + rounds + " rounds; " + paths(vm)
                        + "; echo " + child.ask("paths"));
            }
        } while (onSharedMemory(vm) < n);
        exchange(selector);
        exchange(selector);
        long shared = onSharedMemory(vm);
        assertThat(shared).isEqualTo(n);
        assertThat(child.ask("paths"))
                .isEqualTo("{receiving:SHARED_MEMORY=" + n + ", sending:SHARED_MEMORY=" + n + "}");
        assertThat(vm.engine().connections())
                .allMatch(i -> i.sending().ringBytes() >= MESSAGE_BYTES
                        && i.receiving().ringBytes() >= MESSAGE_BYTES);
        System.out.println("all on shared memory after " + rounds + " rounds");
    }

    private static void connect(Vm vm, Selector selector, InetSocketAddress echo, int n) throws IOException {
        int started = 0;
        int connected = 0;
        while (connected < n) {
            for (; started < n && started - connected < AT_ONCE; started++) {
                SocketChannel c = vm.provider().openSocketChannel();
                c.configureBlocking(false);
                c.register(selector, OP_CONNECT, new Session(started));
                if (c.connect(echo)) {
                    throw new AssertionError("connected at once; the key says so too, but nobody looks");
                }
            }
            assertThat(selector.select(Io.LIMIT_MS)).isPositive();
            for (SelectionKey key : selector.selectedKeys()) {
                assertThat(((SocketChannel) key.channel()).finishConnect()).isTrue();
                key.interestOps(0);
                connected++;
            }
            selector.selectedKeys().clear();
        }
    }

    /** One message on every connection, and its echo. */
    private static void exchange(Selector selector) throws IOException {
        int open = 0;
        for (SelectionKey key : selector.keys()) {
            key.interestOps(OP_WRITE);
            ((Session) key.attachment()).in.clear();
            open++;
        }
        while (open > 0) {
            int ready = selector.select(Io.LIMIT_MS);
            assertThat(ready)
                    .as("keys ready, with %d connections waiting", open)
                    .isPositive();
            for (SelectionKey key : selector.selectedKeys()) {
                open -= serve(key, (SocketChannel) key.channel(), (Session) key.attachment()) ? 1 : 0;
            }
            selector.selectedKeys().clear();
        }
    }

    private static boolean serve(SelectionKey key, SocketChannel c, Session s) throws IOException {
        if (key.isWritable()) {
            assertThat(c.write(s.pattern.bytes(s.offset, MESSAGE_BYTES))).isEqualTo(MESSAGE_BYTES);
            key.interestOps(OP_READ);
            return false;
        }
        assertThat(c.read(s.in)).isPositive();
        if (s.in.hasRemaining()) {
            return false;
        }
        s.pattern.verify(s.in.flip(), s.offset);
        s.offset += MESSAGE_BYTES;
        key.interestOps(0);
        return true;
    }

    private static long onSharedMemory(Vm vm) {
        return vm.engine().connections().stream()
                .filter(i -> i.sending().path() == Path.SHARED_MEMORY
                        && i.receiving().path() == Path.SHARED_MEMORY)
                .count();
    }

    private static String paths(Vm vm) {
        List<ConnectionInfo> infos = vm.engine().connections();
        return infos.stream()
                        .filter(i -> i.sending().path() != Path.SHARED_MEMORY)
                        .limit(3)
                        .toList()
                + " of " + infos.size();
    }
}
