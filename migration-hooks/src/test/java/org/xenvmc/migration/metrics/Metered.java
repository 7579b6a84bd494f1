package org.xenvmc.migration.metrics;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.Path;

/** Two VMs with a connection on shared memory. */
abstract class Metered {
    final HostDirectory host = HostDirectory.create();
    Vm server;
    Vm client;
    ServerSocketChannel listener;
    SocketChannel near;
    SocketChannel far;

    @BeforeEach
    final void connect() throws Exception {
        before();
        server = Vm.on(host);
        client = Vm.on(host);
        listener = server.provider().openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open();
        awaitPath(Path.SHARED_MEMORY);
    }

    void before() throws Exception {}

    final void open() throws Exception {
        near = client.provider().openSocketChannel();
        near.connect(listener.getLocalAddress());
        far = listener.accept();
    }

    @AfterEach
    final void close() throws Exception {
        near.close();
        far.close();
        listener.close();
        client.close();
        server.close();
        host.close();
    }

    final void exchange(int bytes) throws Exception {
        ByteBuffer out = ByteBuffer.allocate(bytes);
        near.write(out);
        ByteBuffer in = ByteBuffer.allocate(bytes);
        while (in.hasRemaining()) {
            far.read(in);
        }
        far.write(in.flip());
        ByteBuffer back = ByteBuffer.allocate(bytes);
        while (back.hasRemaining()) {
            near.read(back);
        }
    }

    final void awaitPath(Path path) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    exchange(1);
                    return client.info(near).sending().path() == path
                            && client.info(near).receiving().path() == path;
                });
    }
}
