package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.SocketPair;
import org.xenvmc.migration.world.StreamPattern;

class SocketDataContractTest extends SocketContract {
    private final StreamPattern pattern = new StreamPattern(30);

    @Test
    void shouldDescribeTheConnection() throws Exception {
        SocketPair p = socketPair();
        Socket c = p.client();
        Socket s = p.server();
        assertThat(c.getRemoteSocketAddress()).isEqualTo(s.getLocalSocketAddress());
        assertThat(s.getRemoteSocketAddress()).isEqualTo(c.getLocalSocketAddress());
        assertThat(c.getInetAddress()).isEqualTo(world.loopback());
        assertThat(s.getInetAddress()).isEqualTo(world.loopback());
        assertThat(c.getLocalAddress()).isEqualTo(world.loopback());
        assertThat(c.getPort()).isEqualTo(s.getLocalPort());
        assertThat(s.getPort()).isEqualTo(c.getLocalPort());
        assertThat(c.getChannel()).isNull();
        assertThat(c.isConnected() && c.isBound() && s.isConnected() && s.isBound())
                .isTrue();
        assertThat(c.isClosed() || c.isInputShutdown() || c.isOutputShutdown()).isFalse();
        c.close();
        assertThat(c.isClosed()).isTrue();
        assertThat(c.isConnected()).as("closing does not clear it").isTrue();
        assertThat(c.getPort()).isEqualTo(s.getLocalPort());
    }

    @Test
    void shouldCarryRecordsBothWays() throws Exception {
        SocketPair p = socketPair();
        p.client().setTcpNoDelay(true); // on JDK 17 an int is four writes, of which TCP holds back the later ones
        DataOutputStream out = new DataOutputStream(p.client().getOutputStream());
        DataInputStream in = new DataInputStream(p.server().getInputStream());
        DataOutputStream back = new DataOutputStream(p.server().getOutputStream());
        DataInputStream echo = new DataInputStream(p.client().getInputStream());
        for (int i = 0; i < 200; i++) {
            out.writeInt(i);
            out.writeUTF("record " + i);
            assertThat(in.readInt()).isEqualTo(i);
            back.writeUTF(in.readUTF());
            assertThat(echo.readUTF()).isEqualTo("record " + i);
        }
    }

    @Test
    void shouldCarryALongStreamWhenWrittenInOneCall() throws Exception {
        SocketPair p = socketPair();
        byte[] sent = pattern.bytes(0, 5 << 20).array();
        OutputStream out = p.server().getOutputStream();
        Background<Void> writer = Background.run(() -> {
            out.write(sent, 0, 17);
            out.write(sent, 17, sent.length - 17);
        });
        assertThat(p.client().getInputStream().readNBytes(sent.length)).isEqualTo(sent);
        writer.result();
    }

    @Test
    void shouldStayUsableWhenAReadHasTimedOut() throws Exception {
        SocketPair p = socketPair();
        Socket s = p.client();
        InputStream in = s.getInputStream();
        for (int i = 0; i < 3; i++) {
            s.setSoTimeout(SHORT_MS);
            assertThat(s.getSoTimeout()).isEqualTo(SHORT_MS);
            assertThatThrownBy(in::read)
                    .isExactlyInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Read timed out");
            p.server().getOutputStream().write(pattern.bytes(i * 10L, 10).array());
            s.setSoTimeout(LONG_MS);
            pattern.verify(ByteBuffer.wrap(in.readNBytes(10)), i * 10L);
        }
        s.setSoTimeout(0);
        Background<Integer> reader = Background.start(in::read).insideOf("read");
        p.server().getOutputStream().write('x');
        assertThat(reader.result()).isEqualTo('x');
    }

    /** Also without a time limit: a thread that looks now and then is not held by one that waits. */
    @Test
    void shouldTellWhatIsAvailableWhileAnotherThreadReads() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        Background<Integer> reader = Background.start(in::read).insideOf("read");
        assertThat(Background.start(in::available).result()).isZero();
        assertThat(reader.done()).isFalse();
        p.server().getOutputStream().write(new byte[] {1, 2, 3});
        assertThat(reader.result()).isOne();
        Awaitility.await().until(() -> in.available() == 2);
    }

    @Test
    void shouldTellHowMuchCanBeRead() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        assertThat(in.available()).isZero();
        p.server().getOutputStream().write(pattern.bytes(0, 500).array());
        assertThat(in.read()).isEqualTo(pattern.at(0) & 0xff);
        Awaitility.await().until(() -> in.available() == 499);
        pattern.verify(ByteBuffer.wrap(in.readNBytes(499)), 1);
        assertThat(in.available()).isZero();
    }

    @Test
    void shouldCheckArraysBeforeAnythingElse() throws Exception {
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        OutputStream out = p.client().getOutputStream();
        assertThat(in.read(new byte[0])).isZero();
        out.write(new byte[0]);
        assertThatThrownBy(() -> in.read(new byte[5], 3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.write(new byte[5], -1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> in.read(null, 0, 1)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void shouldDeliverEverythingBeforeTheEndOfTheStream() throws Exception {
        SocketPair p = socketPair();
        p.server().getOutputStream().write(pattern.bytes(0, 3000).array());
        p.server().close();
        InputStream in = p.client().getInputStream();
        pattern.verify(ByteBuffer.wrap(in.readAllBytes()), 0);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.available()).isZero();
    }

    @Test
    void shouldKeepTheOtherDirectionWhenOneIsShutDown() throws Exception {
        SocketPair p = socketPair();
        Socket c = p.client();
        OutputStream out = c.getOutputStream();
        out.write('a');
        c.shutdownOutput();
        assertThat(c.isOutputShutdown()).isTrue();
        assertThat(p.server().getInputStream().readAllBytes()).containsExactly('a');
        p.server().getOutputStream().write('b');
        assertThat(c.getInputStream().read()).isEqualTo('b');
        assertThatThrownBy(() -> out.write('c')).isInstanceOf(SocketException.class);
        assertThatThrownBy(c::getOutputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket output is shutdown");
        assertThatThrownBy(c::shutdownOutput).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldReadTheEndWhenInputIsShutDown() throws Exception {
        SocketPair p = socketPair();
        Socket c = p.client();
        InputStream in = c.getInputStream();
        Background<Integer> reader = Background.start(in::read).insideOf("read");
        c.shutdownInput();
        assertThat(reader.result()).isEqualTo(-1);
        assertThat(c.isInputShutdown()).isTrue();
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.available()).isZero();
        assertThatThrownBy(c::getInputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket input is shutdown");
        c.getOutputStream().write('w');
        assertThat(p.server().getInputStream().read()).isEqualTo('w');
    }

    @Test
    void shouldThrowWhenClosedByAnotherThreadDuringRead() throws Exception {
        for (int soTimeout : new int[] {0, LONG_MS}) {
            SocketPair p = socketPair();
            p.client().setSoTimeout(soTimeout);
            InputStream in = p.client().getInputStream();
            Background<Integer> reader = Background.start(in::read).insideOf("read");
            p.client().close();
            assertThat(reader.failure())
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Socket closed");
            assertThat(p.server().getInputStream().read())
                    .as("an end and no reset")
                    .isEqualTo(-1);
        }
    }

    @Test
    void shouldThrowWhenClosedByAnotherThreadDuringWrite() throws Exception {
        SocketPair p = socketPair();
        OutputStream out = p.client().getOutputStream();
        byte[] chunk = new byte[1 << 20];
        Background<Void> writer = Background.run(() -> {
            while (true) {
                out.write(chunk); // nobody reads
            }
        });
        writer.insideOf("write");
        p.client().close();
        assertThat(writer.failure()).isExactlyInstanceOf(SocketException.class).hasMessage("Socket closed");
    }

    @Test
    void shouldThrowWhenUsedAfterClose() throws Exception {
        SocketPair p = socketPair();
        Socket c = p.client();
        InputStream in = c.getInputStream();
        OutputStream out = c.getOutputStream();
        in.close();
        assertThat(c.isClosed()).as("closing a stream closes the socket").isTrue();
        c.close();
        assertThatThrownBy(in::read).isExactlyInstanceOf(SocketException.class).hasMessage("Socket closed");
        assertThatThrownBy(() -> out.write(1))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Socket closed");
        assertThatThrownBy(in::available)
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Socket closed");
        assertThatThrownBy(c::getInputStream)
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Socket is closed");
        assertThatThrownBy(() -> c.setSoTimeout(1)).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldTellAResetFromTheEndOfTheStream() throws Exception {
        SocketPair p = socketPair();
        p.server().setSoLinger(true, 0);
        p.server().close();
        InputStream in = p.client().getInputStream();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(in::read).isInstanceOf(SocketException.class).hasMessage("Connection reset");
        }
    }

    @Test
    void shouldFailToWriteWhenThePeerHasReset() throws Exception {
        SocketPair p = socketPair();
        p.server().setSoLinger(true, 0);
        p.server().close();
        OutputStream out = p.client().getOutputStream();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        out.write(new byte[100]);
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void shouldCarryUrgentByteOnlyWhenInline() throws Exception {
        SocketPair p = socketPair();
        p.client().sendUrgentData('u');
        p.client().getOutputStream().write("after".getBytes());
        assertThat(p.server().getInputStream().readNBytes(5)).isEqualTo("after".getBytes());
        p.server().setOOBInline(true);
        assertThat(p.server().getOOBInline()).isTrue();
        p.client().sendUrgentData('U');
        p.client().getOutputStream().write("after".getBytes());
        assertThat(p.server().getInputStream().readNBytes(6)).isEqualTo("Uafter".getBytes());
    }

    @Test
    void shouldServeSeveralThreadsAtOnce() throws Exception {
        SocketPair p = socketPair();
        byte[] sent = pattern.bytes(0, 1 << 20).array();
        Background<Void> there =
                Background.run(() -> p.client().getOutputStream().write(sent));
        Background<Void> back =
                Background.run(() -> p.server().getOutputStream().write(sent));
        Background<byte[]> first =
                Background.start(() -> p.server().getInputStream().readNBytes(sent.length));
        assertThat(p.client().getInputStream().readNBytes(sent.length)).isEqualTo(sent);
        assertThat(first.result()).isEqualTo(sent);
        there.result();
        back.result();
    }
}
