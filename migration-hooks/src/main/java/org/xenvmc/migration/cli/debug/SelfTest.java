package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.xenvmc.shm.file.FileHostProvider;
import org.xenvmc.shm.provider.GrantTable.Grant;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.ring.RingLayout;
import org.xenvmc.shm.ring.RingPlace;
import org.xenvmc.shm.ring.SpinWait;
import org.xenvmc.shm.ring.SpscRingReceiver;
import org.xenvmc.shm.ring.SpscRingSender;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.WaitStrategy;
import org.xenvmc.transport.spi.AsymmetricFence;

/**
 * Tries, step by step, what a connection on shared memory needs: a host directory of its own beside the one that is asked about,
 * two members, lent memory mapped twice, a futex, a ring, and a connection over loopback.
 */
final class SelfTest {
    private static final int RING_BYTES = 16 * 1024;
    private static final int GRANT_BYTES = (RingLayout.ringBytes(RING_BYTES) + 4095) & -4096;
    private static final int WORD_OFFSET = GRANT_BYTES - Integer.BYTES;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** One thing to try. */
    private interface Step {
        String tryIt() throws Exception;
    }

    private final StringBuilder out = new StringBuilder();
    private final Path host;
    private HostMembership owner;
    private HostMembership peer;
    private Grant grant;
    private Mapping mapped;
    private boolean good = true;

    private SelfTest(Path host) {
        this.host = host;
    }

    /**
     * Runs all steps; the first that fails is the last.
     *
     * @param hostDirectory beside which the test makes its own
     * @return a line for each step
     */
    static String run(Path hostDirectory) {
        Path parent = hostDirectory.toAbsolutePath().getParent();
        Path own = (parent == null ? Path.of("/") : parent)
                .resolve("xenvmc-self-test-" + UUID.randomUUID().toString().substring(0, 8));
        SelfTest test = new SelfTest(own);
        try {
            test.steps();
        } finally {
            test.close();
        }
        return test.out.toString();
    }

    private void steps() {
        step("host directory", () -> {
            owner = join();
            peer = join();
            return "made, joined twice";
        });
        step("mapping", this::mapping);
        step("futex", this::futex);
        step("ring", this::ring);
        step("connection", this::connection);
    }

    private void step(String name, Step step) {
        if (!good) {
            return;
        }
        long startNs = System.nanoTime();
        try {
            String result = step.tryIt();
            long us = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNs);
            out.append(String.format("ok   %-15s %s (%d us)%n", name, result, us));
        } catch (Exception | LinkageError e) {
            good = false;
            out.append(String.format("NO   %-15s %s%n", name, e));
        }
    }

    private HostMembership join() throws IOException {
        return new FileHostProvider()
                .join(
                        new VmcContext().conclude(),
                        new Joining(UUID.randomUUID(), host.toString(), false),
                        new Indifferent());
    }

    private String mapping() throws IOException {
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        Member to = owner.member(peer.self().domId());
        while (to == null) {
            await("the members do not see each other", deadlineNs);
            to = owner.member(peer.self().domId());
        }
        grant = owner.grants().grant(to, GRANT_BYTES);
        mapped = peer.grants().map(grant.ref());
        grant.mapping().buffer().putLong(0, 0x1234_5678_9abc_def0L);
        if (mapped.buffer().getLong(0) != 0x1234_5678_9abc_def0L) {
            throw new IOException("what is written in one mapping is not in the other");
        }
        return GRANT_BYTES + " bytes, shared";
    }

    private String futex() throws Exception {
        boolean[] woken = new boolean[1];
        Thread sleeper = new Thread(
                () -> {
                    mapped.awaitWord(WORD_OFFSET, 0, LIMIT_NS);
                    woken[0] = mapped.buffer().getInt(WORD_OFFSET) == 1;
                },
                "self-test");
        sleeper.setDaemon(true);
        sleeper.start();
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        LockSupport.parkNanos(LOOK_AGAIN_NS);
        grant.mapping().buffer().putInt(WORD_OFFSET, 1);
        while (sleeper.isAlive()) {
            grant.mapping().wakeWord(WORD_OFFSET, 1);
            await("a sleeper is not woken", deadlineNs);
        }
        sleeper.join();
        if (!woken[0]) {
            throw new IOException("the sleeper woke by itself");
        }
        return "slept and woken";
    }

    private String ring() throws IOException {
        RingLayout.initialise(grant.mapping().buffer().slice(0, RingLayout.ringBytes(RING_BYTES)), RING_BYTES);
        SpscRingSender sender = new SpscRingSender(place(grant.mapping()));
        SpscRingReceiver receiver = new SpscRingReceiver(place(mapped));
        ByteBuffer in = ByteBuffer.allocate(1000);
        ByteBuffer sent = ByteBuffer.allocate(1000);
        long bytes = 0;
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < sent.capacity(); i++) {
                sent.put(i, (byte) (round + i));
            }
            sender.observe();
            int n = sender.write(sent.clear());
            receiver.observe();
            if (n != sent.capacity()
                    || receiver.read(in.clear()) != n
                    || !in.flip().equals(sent.flip())) {
                throw new IOException("bytes " + bytes + " and following are not what was written");
            }
            bytes += n;
        }
        return bytes + " bytes";
    }

    private static RingPlace place(Mapping mapping) {
        return new RingPlace(
                mapping,
                0,
                RING_BYTES,
                new SpinWait(WaitStrategy.PARK, 0, 1),
                AsymmetricFence.SYMMETRIC,
                () -> {},
                () -> {});
    }

    private String connection() throws IOException {
        VmcSelectorProvider provider = new VmcSelectorProvider(new VmcContext()
                .hostDirectory(host.toString())
                .upgradeAfterOperations(0)
                .upgradeAfterBytes(0));
        try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = provider.openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                try (SocketChannel far = listener.accept()) {
                    return exchange(near, far);
                }
            }
        } finally {
            provider.engine().close();
        }
    }

    private static String exchange(SocketChannel near, SocketChannel far) throws IOException {
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        ByteBuffer one = ByteBuffer.allocate(1);
        ConnectionInfo.Direction d = VmcConnections.info(near).sending();
        while (d.path() != org.xenvmc.transport.Path.SHARED_MEMORY) {
            await("the connection stays on TCP: " + d.reason(), deadlineNs);
            near.write(one.clear());
            far.read(one.clear());
            d = VmcConnections.info(near).sending();
        }
        return "on shared memory";
    }

    private static void await(String otherwise, long deadlineNs) throws IOException {
        if (System.nanoTime() - deadlineNs > 0) {
            throw new IOException(otherwise + ", not within 5 seconds");
        }
        LockSupport.parkNanos(LOOK_AGAIN_NS);
    }

    private void close() {
        if (mapped != null) {
            mapped.unmap();
        }
        if (grant != null) {
            grant.revoke();
        }
        for (HostMembership m :
                owner == null ? List.<HostMembership>of() : peer == null ? List.of(owner) : List.of(owner, peer)) {
            m.leave();
        }
        try (Stream<Path> files = Files.walk(host)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            out.append("NO   cleaning up     ").append(e).append('\n');
        }
    }

    /** Nobody sends messages here. */
    private static final class Indifferent implements HostListener {
        @Override
        public void joined(Member member) {}

        @Override
        public void left(Member member, boolean died) {}

        @Override
        public void message(int type, ByteBuffer payload) {}

        @Override
        public void signalled(int connection) {}
    }
}
