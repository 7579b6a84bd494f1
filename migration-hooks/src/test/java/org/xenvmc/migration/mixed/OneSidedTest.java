package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** The library on one side only, or something between the two sides. */
class OneSidedTest extends Mixed {
    private final SelectorProvider jdk = SelectorProvider.provider();

    @Test
    void shouldStayOnTcpWhenOnlyTheClientHasTheLibrary() throws Exception {
        Vm vm = vm();
        MixedPair pair = track(new MixedPair(vm.provider(), jdk));
        pair.assertWorks();
        pair.awaitReason(vm, pair.client(), ReasonCode.NOT_CO_RESIDENT);
        assertPlainTcp(vm.info(pair.client()));
        pair.assertEndsOrderly();
    }

    @Test
    void shouldStayOnTcpWhenOnlyTheServerHasTheLibrary() throws Exception {
        Vm vm = vm();
        MixedPair pair = track(new MixedPair(jdk, vm.provider()));
        pair.assertWorks();
        ConnectionInfo info = vm.info(pair.server());
        assertPlainTcp(info);
        assertThat(info.sending().reason()).isNotEqualTo(ReasonCode.NONE);
        pair.assertEndsOrderly();
    }

    @Test
    void shouldStayOnTcpWhenAVmOfTheHostDoesNotTakePart() throws Exception {
        Vm vm = vm();
        Vm other = vm();
        MixedPair others = connect(vm, other);
        others.awaitPath(vm, others.client(), Path.SHARED_MEMORY);
        MixedPair pair = track(new MixedPair(vm.provider(), jdk));
        pair.assertWorks();
        assertPlainTcp(vm.info(pair.client()));
        others.assertWorks();
    }

    private static void assertPlainTcp(ConnectionInfo info) {
        assertThat(info.sending().path()).isEqualTo(Path.TCP);
        assertThat(info.receiving().path()).isEqualTo(Path.TCP);
        assertThat(info.sending().ringBytes() + info.receiving().ringBytes()).isZero();
        assertThat(info.sending().switches() + info.receiving().switches()).isZero();
    }

    @Test
    void shouldStayOnTcpWhenAddressesAreTranslatedOnTheWay() throws Exception {
        Vm clientVm = vm();
        Vm serverVm = vm();
        try (ServerSocketChannel listener = serverVm.provider().openServerSocketChannel();
                ServerSocketChannel entrance = ServerSocketChannel.open();
                SocketChannel client = clientVm.provider().openSocketChannel()) {
            InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
            listener.bind(any);
            entrance.bind(any);
            client.connect(entrance.getLocalAddress());
            try (SocketChannel in = entrance.accept();
                    SocketChannel out = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel server = listener.accept()) {
                Background<Void> relay = Background.run(() -> relay(in, out));
                StreamPattern pattern = new StreamPattern(5);
                ByteBuffer b = ByteBuffer.allocate(1000);
                for (int i = 0; i < 200; i++) {
                    client.write(pattern.bytes(i * 1000L, 1000));
                    org.xenvmc.migration.world.Io.readFully(server, b.clear());
                    pattern.verify(b.flip(), i * 1000L);
                }
                assertPlainTcp(clientVm.info(client));
                assertPlainTcp(serverVm.info(server));
                client.shutdownOutput();
                assertThat(server.read(b.clear())).isEqualTo(-1);
                relay.result();
            }
        }
    }

    private static void relay(SocketChannel in, SocketChannel out) throws java.io.IOException {
        ByteBuffer b = ByteBuffer.allocate(5000);
        while (in.read(b.clear()) >= 0) {
            out.write(b.flip());
        }
        out.shutdownOutput();
    }
}
