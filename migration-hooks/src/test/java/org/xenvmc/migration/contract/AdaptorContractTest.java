package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

class AdaptorContractTest extends Contract {
    private static final int TIMEOUT_MS = 30;

    private final StreamPattern pattern = new StreamPattern(10);

    @Test
    void shouldDescribeTheConnection() throws Exception {
        Pair p = pair();
        Socket s = p.client().socket();
        assertThat(p.client().socket()).isSameAs(s);
        assertThat(s.getChannel()).isSameAs(p.client());
        assertThat(s.isBound()).isTrue();
        assertThat(s.isConnected()).isTrue();
        assertThat(s.isClosed()).isFalse();
        assertThat(s.getRemoteSocketAddress()).isEqualTo(p.server().getLocalAddress());
        assertThat(s.getLocalSocketAddress()).isEqualTo(p.client().getLocalAddress());
        assertThat(s.getInetAddress()).isEqualTo(world.loopback());
        assertThat(s.getLocalAddress()).isEqualTo(world.loopback());
        assertThat(s.getPort()).isEqualTo(((InetSocketAddress) p.server().getLocalAddress()).getPort());
        assertThat(s.getLocalPort()).isEqualTo(((InetSocketAddress) p.client().getLocalAddress()).getPort());
    }

    @Test
    void shouldCarryRecordsThroughStreams() throws Exception {
        Pair p = pair();
        DataOutputStream out = new DataOutputStream(p.client().socket().getOutputStream());
        DataInputStream in = new DataInputStream(p.server().socket().getInputStream());
        for (int i = 0; i < 200; i++) {
            out.writeInt(i);
            out.writeUTF("record " + i);
            assertThat(in.readInt()).isEqualTo(i);
            assertThat(in.readUTF()).isEqualTo("record " + i);
        }
        p.client().socket().shutdownOutput();
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void shouldCarryALongStreamThroughStreams() throws Exception {
        Pair p = pair();
        byte[] sent = pattern.bytes(0, 5 << 20).array();
        OutputStream out = p.server().socket().getOutputStream();
        Background<Void> writer = Background.run(() -> {
            out.write(sent, 0, 17);
            out.write(sent, 17, sent.length - 17);
            out.flush();
        });
        byte[] got = p.client().socket().getInputStream().readNBytes(sent.length);
        assertThat(got).isEqualTo(sent);
        writer.result();
    }

    @Test
    void shouldTimeOutAndStayUsableWhenNothingComes() throws Exception {
        Pair p = pair();
        Socket s = p.client().socket();
        InputStream in = s.getInputStream();
        s.setSoTimeout(TIMEOUT_MS);
        assertThat(s.getSoTimeout()).isEqualTo(TIMEOUT_MS);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(in::read)
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Read timed out");
            p.server().write(pattern.bytes(i * 10L, 10));
            s.setSoTimeout((int) Io.LIMIT_MS);
            pattern.verify(ByteBuffer.wrap(in.readNBytes(10)), i * 10L);
            s.setSoTimeout(TIMEOUT_MS);
        }
        assertThat(p.client().isBlocking()).isTrue();
    }

    @Test
    void shouldReadWithinTheTimeLimitWhenBytesComeLate() throws Exception {
        Pair p = pair();
        p.client().socket().setSoTimeout((int) Io.LIMIT_MS);
        for (int i = 0; i < 3; i++) {
            Background<Integer> reader = Background.start(
                            () -> p.client().socket().getInputStream().read())
                    .insideOf("read");
            Io.write(p.server(), "!");
            assertThat(reader.result()).isEqualTo('!');
        }
        Background<Integer> last = Background.start(
                        () -> p.client().socket().getInputStream().read())
                .insideOf("read");
        p.server().close();
        assertThat(last.result()).isEqualTo(-1);
    }

    @Test
    void shouldTellHowMuchCanBeReadWhileAnotherThreadReads() throws Exception {
        Pair p = pair();
        InputStream in = p.client().socket().getInputStream();
        Background<Integer> reader =
                Background.start(() -> p.client().read(ByteBuffer.allocate(1))).insideOf("read");
        assertThat(Background.start(in::available).result()).isZero();
        Io.write(p.server(), "!");
        assertThat(reader.result()).isOne();
    }

    @Test
    void shouldTellHowMuchCanBeRead() throws Exception {
        Pair p = pair();
        InputStream in = p.client().socket().getInputStream();
        assertThat(in.available()).isZero();
        p.server().write(pattern.bytes(0, 500));
        assertThat(in.read()).isEqualTo(pattern.at(0) & 0xff);
        org.awaitility.Awaitility.await().until(() -> in.available() == 499);
        pattern.verify(ByteBuffer.wrap(in.readNBytes(499)), 1);
        assertThat(in.available()).isZero();
        p.client().configureBlocking(false);
        assertThat(in.available()).isZero();
    }

    @Test
    void shouldReadWhateverIsAvailableWhenSkippingAndReadingArrays() throws Exception {
        Pair p = pair();
        InputStream in = p.client().socket().getInputStream();
        p.server().write(pattern.bytes(0, 1000));
        assertThat(in.read(new byte[0])).isZero();
        in.skipNBytes(100);
        byte[] b = new byte[50];
        int n = in.read(b, 10, 20);
        assertThat(n).isBetween(1, 20);
        pattern.verify(ByteBuffer.wrap(b, 10, n), 100);
        assertThatThrownBy(() -> in.read(b, 40, 20)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldRefuseStreamsWhenChannelDoesNotBlock() throws Exception {
        Pair p = pair();
        InputStream in = p.client().socket().getInputStream();
        OutputStream out = p.client().socket().getOutputStream();
        p.client().configureBlocking(false);
        assertThatThrownBy(in::read).isExactlyInstanceOf(IllegalBlockingModeException.class);
        assertThatThrownBy(() -> out.write(1)).isExactlyInstanceOf(IllegalBlockingModeException.class);
    }

    @Test
    void shouldThrowWhenStreamsAreUsedAfterClose() throws Exception {
        Pair p = pair();
        Socket s = p.client().socket();
        InputStream in = s.getInputStream();
        OutputStream out = s.getOutputStream();
        s.close();
        assertThatThrownBy(in::read).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> out.write(1)).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(in::available).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(s::getOutputStream).isInstanceOf(SocketException.class);
        assertThatThrownBy(s::getInputStream).isInstanceOf(SocketException.class);
        assertThat(s.isConnected()).as("as the adaptor has it").isFalse();
    }

    @Test
    void shouldFollowHalfClose() throws Exception {
        Pair p = pair();
        Socket s = p.client().socket();
        InputStream in = s.getInputStream();
        OutputStream out = s.getOutputStream();
        s.shutdownOutput();
        assertThat(s.isOutputShutdown()).isTrue();
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(s::getOutputStream).isInstanceOf(SocketException.class);
        Io.write(p.server(), "still open");
        assertThat(in.readNBytes(10)).hasSize(10);
        s.shutdownInput();
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.available()).isZero();
        assertThatThrownBy(s::getInputStream).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldThrowAsynchronousCloseWhenClosedDuringRead() throws Exception {
        for (int soTimeout : new int[] {0, 30_000}) {
            Pair p = pair();
            Socket s = p.client().socket();
            s.setSoTimeout(soTimeout);
            Background<Integer> reader =
                    Background.start(() -> s.getInputStream().read()).insideOf("read");
            s.close();
            assertThat(reader.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
        }
    }

    @Test
    void shouldConnectThroughAdaptor() throws Exception {
        var listener = world.listen();
        Socket s = world.open().socket();
        assertThat(s.isConnected()).isFalse();
        s.connect(listener.getLocalAddress(), (int) Io.LIMIT_MS);
        var a = world.track(listener.accept());
        assertThat(s.isConnected()).isTrue();
        s.getOutputStream().write('c');
        assertThat(Io.read(a, 1)).isEqualTo("c");
        // an AlreadyConnectedException in some releases of the JDK, a SocketException in others
        try (SocketChannel reference = SocketChannel.open(listener.getLocalAddress())) {
            Throwable expected = catchThrowable(() -> reference.socket().connect(listener.getLocalAddress()));
            assertThatThrownBy(() -> s.connect(listener.getLocalAddress()))
                    .isExactlyInstanceOf(expected.getClass())
                    .hasMessage(expected.getMessage());
        }
    }

    @Test
    void shouldCarryUrgentByteOnlyWhenInline() throws Exception {
        Pair p = pair();
        p.client().socket().sendUrgentData('u');
        Io.write(p.client(), "after");
        assertThat(Io.read(p.server(), 5)).isEqualTo("after");
        p.server().socket().setOOBInline(true);
        assertThat(p.server().socket().getOOBInline()).isTrue();
        p.client().socket().sendUrgentData('U');
        Io.write(p.client(), "after");
        assertThat(Io.read(p.server(), 6)).isEqualTo("Uafter");
    }

    @Test
    void shouldCarryBytesThroughChannelsHelpers() throws Exception {
        Pair p = pair();
        OutputStream out = Channels.newOutputStream(p.client());
        InputStream in = Channels.newInputStream(p.server());
        byte[] sent = pattern.bytes(0, 3 << 20).array();
        Background<Void> writer = Background.run(() -> out.write(sent));
        assertThat(in.readNBytes(sent.length)).isEqualTo(sent);
        writer.result();
        out.close();
        assertThat(in.read()).isEqualTo(-1);
    }
}
