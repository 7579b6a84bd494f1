package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.TransportPages.Moment;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.TestSeed;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.Path;

/** The pages of rings that the positions tell are the pages that the kernel sees written. */
class RingAccountTest {
    private static final int ROUNDS = 40;

    private final Random random = new Random(TestSeed.next("RingAccountTest"));

    @Test
    void shouldAgreeWithTheKernel() throws Exception {
        try (HostDirectory host = HostDirectory.create();
                Vm server = Vm.on(host);
                Vm client = Vm.on(host);
                ServerSocketChannel listener = server.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = client.provider().openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                try (SocketChannel far = listener.accept();
                        KernelMeter meter = meter(host)) {
                    while (client.info(near).sending().path() != Path.SHARED_MEMORY) {
                        transfer(near, far, 1);
                    }
                    near.configureBlocking(false);
                    far.configureBlocking(false);
                    transfer(near, far, 200_000); // both ends have touched all of the ring
                    meter.begin();
                    for (int i = 0; i < ROUNDS; i++) {
                        compare(client, server, near, far, meter);
                    }
                }
            }
        }
    }

    private static KernelMeter meter(HostDirectory host) {
        KernelMeters.Found found = KernelMeters.find(new MemoryMap(null, host.name()));
        Assumptions.assumeTrue(
                found.meter() != null, () -> "needs a kernel that counts written pages: " + found.obstacle());
        return found.meter();
    }

    /**
     * Non-blocking ends do not sleep; a signal to the other VM may be written to a table's pages, at most three of
     * each.
     */
    private void compare(Vm client, Vm server, SocketChannel near, SocketChannel far, KernelMeter meter)
            throws IOException {
        Moment senderBefore = Moment.of(client.engine());
        Moment receiverBefore = Moment.of(server.engine());
        meter.take();
        int bytes = 1 + random.nextInt(i(random, 17));
        transfer(near, far, bytes);
        Map<MappingKind, Long> written = meter.take();
        long account =
                TransportPages.between(senderBefore, Moment.of(client.engine())).ringPages()
                        + TransportPages.between(receiverBefore, Moment.of(server.engine()))
                                .ringPages();

        assertThat(written.get(MappingKind.SHARED_MEMORY)).as("%d bytes", bytes).isBetween(account, account + 6);
    }

    private static int i(Random random, int bits) {
        return 1 << random.nextInt(bits);
    }

    private static void transfer(SocketChannel from, SocketChannel to, int bytes) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(bytes);
        ByteBuffer in = ByteBuffer.allocate(bytes);
        while (in.hasRemaining()) {
            from.write(out);
            to.read(in);
        }
    }
}
