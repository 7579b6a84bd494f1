package org.xenvmc.transport.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code new Socket(host, port, false)}: a socket for datagrams, deprecated and still promised. */
class DatagramSocketTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int LIMIT_S = 20;

    private final DatagramSocket peer;
    private final VmcSocketImpl socket = new VmcSocketImpl(
            () -> {
                throw new AssertionError("they have nothing to do with shared memory");
            },
            false);

    DatagramSocketTest() throws Exception {
        peer = new DatagramSocket(0, LOOPBACK);
        peer.setSoTimeout(LIMIT_S * 1000);
        socket.create(false);
        socket.connect(peer.getLocalSocketAddress(), 0);
    }

    @AfterEach
    void close() throws Exception {
        socket.close();
        peer.close();
    }

    private DatagramPacket receive() throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        peer.receive(packet);
        return packet;
    }

    @Test
    void shouldSendADatagramForEachWriteAndReceiveOneByEachRead() throws Exception {
        socket.getOutputStream().write(new byte[] {1, 2, 3});
        DatagramPacket packet = receive();
        assertThat(packet.getLength()).isEqualTo(3);
        peer.send(packet);
        peer.send(packet);
        byte[] answer = new byte[100];
        assertThat(socket.getInputStream().read(answer)).isEqualTo(3);
        assertThat(answer).startsWith(1, 2, 3, 0);
        assertThat(socket.getInputStream().read(answer, 0, 2))
                .as("the rest is dropped")
                .isEqualTo(2);
        socket.setOption(java.net.SocketOptions.SO_TIMEOUT, 1);
        assertThatThrownBy(() -> socket.getInputStream().read(answer))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("Read timed out");
    }

    @Test
    void shouldEndABlockedReadWhenItIsClosed() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                end.completeExceptionally(
                        new AssertionError("read " + socket.getInputStream().read()));
            } catch (Exception e) {
                end.complete(e);
            }
        });
        reader.start();
        Awaitility.await().atMost(LIMIT_S, TimeUnit.SECONDS).until(() -> inSystemCall(reader));
        socket.close();
        assertThat(end.get(LIMIT_S, TimeUnit.SECONDS))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Socket closed");
        reader.join();
        assertThatThrownBy(() -> socket.getOutputStream().write(1)).hasMessage("Socket closed");
    }

    private static boolean inSystemCall(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod();
    }

    @Test
    void shouldHaveAnEndInEachDirection() throws Exception {
        socket.shutdownInput();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        socket.shutdownOutput();
        assertThatThrownBy(() -> socket.getOutputStream().write(1)).hasMessage("Broken pipe");
    }

    @Test
    void shouldRefuseWhatDatagramsDoNotHave() {
        assertThatThrownBy(() -> socket.sendUrgentData(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> socket.setOption(java.net.SocketOptions.TCP_NODELAY, true))
                .isInstanceOf(SocketException.class);
    }
}
