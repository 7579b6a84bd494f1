package org.xenvmc.shm.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.xenvmc.shm.file.FileHostProvider;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.WaitStrategy;

/** Rings in memory that the file provider really shares, with the kernel's futexes. */
final class SharedRings implements AutoCloseable {
    static final int CAPACITY = 16 * 1024;
    private static final int BYTES = (RingLayout.ringBytes(CAPACITY) + 4095) & -4096;

    final HostMembership membership;

    SharedRings(Path host) throws IOException {
        Joining joining = new Joining(UUID.randomUUID(), host.toString(), false);
        membership = new FileHostProvider().join(new VmcContext().conclude(), joining, new Nothing());
    }

    /** A name for a host directory of this test alone. */
    static Path newHost() {
        Path shm = Path.of("/dev/shm");
        Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
        return parent.resolve("xv-test-" + UUID.randomUUID());
    }

    static void delete(Path host) throws IOException {
        if (Files.exists(host)) {
            try (Stream<Path> all = Files.walk(host)) {
                for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
            }
        }
    }

    /** New memory with an empty ring. */
    GrantTable.Grant grant(Member peer) throws IOException {
        GrantTable.Grant g = membership.grants().grant(peer, BYTES);
        RingLayout.initialise(g.mapping().buffer().slice(0, RingLayout.ringBytes(CAPACITY)), CAPACITY);
        return g;
    }

    Mapping map(int owner, int number) throws IOException {
        return membership.grants().map(new GrantRef(owner, number, BYTES));
    }

    static SpscRingSender sender(Mapping m) {
        return new SpscRingSender(place(m));
    }

    static SpscRingReceiver receiver(Mapping m) {
        return new SpscRingReceiver(place(m));
    }

    private static RingPlace place(Mapping m) {
        return new RingPlace(
                m, 0, CAPACITY, new SpinWait(WaitStrategy.PARK, 0, 1), Membarrier.fence(), () -> {}, () -> {});
    }

    /** Writes all of it, asleep whenever there is no room. */
    static void send(SpscRingSender ring, ByteBuffer src, long limitNs) throws IOException {
        ring.observe();
        while (ring.write(src) >= 0 && src.hasRemaining()) {
            await(ring, limitNs);
            ring.observe();
        }
    }

    /** Fills the buffer, asleep whenever nothing is there. */
    static void receive(SpscRingReceiver ring, ByteBuffer dst, long limitNs) throws IOException {
        while (dst.hasRemaining()) {
            ring.observe();
            if (ring.read(dst) == 0) {
                await(ring, limitNs);
            }
        }
    }

    /** One sleep must not last as long as the limit: nobody would have woken it. */
    private static void await(RingEnd end, long limitNs) throws IOException {
        long startNs = System.nanoTime();
        end.await(limitNs);
        if (System.nanoTime() - startNs >= limitNs) {
            throw new IOException("nobody woke this end within the limit");
        }
    }

    /** What the child process does: returns every message. Arguments: host, my number, their grants. */
    static void echo(SpscRingReceiver in, SpscRingSender out, int messages, long limitNs) throws IOException {
        for (int i = 0; i < messages; i++) {
            ByteBuffer message = ByteBuffer.allocate(RingWakeUpTest.length(i));
            receive(in, message, limitNs);
            send(out, message.flip(), limitNs);
        }
    }

    @Override
    public void close() {
        membership.leave();
    }

    private static final class Nothing implements HostListener {
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
