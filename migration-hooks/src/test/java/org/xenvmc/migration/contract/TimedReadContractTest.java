package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.SocketPair;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/** {@code SO_TIMEOUT}: "a SocketTimeoutException is raised, though the Socket is still valid". */
class TimedReadContractTest extends SocketContract {
    private final StreamPattern pattern = new StreamPattern(42);

    private static void assertTimesOut(InputStream in) {
        assertThatThrownBy(in::read)
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("Read timed out");
    }

    /** Bytes come at any moment around the end of the time: none is lost, none comes twice. */
    @Test
    void shouldLoseNothingWhenBytesComeJustAsTheTimeEnds() throws Exception {
        SocketPair p = socketPair();
        Random random = new Random(TestSeed.next("TimedReadContractTest"));
        int total = 1500;
        Background<Void> writer = Background.run(() -> {
            OutputStream out = p.server().getOutputStream();
            for (int sent = 0; sent < total; ) {
                LockSupport.parkNanos(random.nextInt(1_500_000)); // around the limit of a millisecond
                int n = Math.min(total - sent, 1 + random.nextInt(20));
                out.write(pattern.bytes(sent, n).array(), 0, n);
                sent += n;
            }
        });
        p.client().setSoTimeout(1);
        InputStream in = p.client().getInputStream();
        byte[] buffer = new byte[16];
        for (int taken = 0; taken < total; ) {
            try {
                int n = in.read(buffer, 0, Math.min(buffer.length, total - taken));
                pattern.verify(ByteBuffer.wrap(buffer, 0, n), taken);
                taken += n;
            } catch (SocketTimeoutException e) {
                assertThat(in.available()).isNotNegative();
            }
        }
        writer.result();
        assertTimesOut(in);
    }

    /** After time-outs everything else goes on: available, writing, the end of the stream, a reset. */
    @Test
    void shouldBehaveAsBeforeAfterTimeOuts() throws Exception {
        SocketPair p = socketPair();
        p.client().setSoTimeout(SHORT_MS);
        InputStream in = p.client().getInputStream();
        assertTimesOut(in);
        assertTimesOut(in);
        assertThat(in.available()).isZero();
        p.client().getOutputStream().write('w');
        assertThat(p.server().getInputStream().read()).isEqualTo('w');
        p.server().getOutputStream().write(new byte[] {1, 2, 3});
        Awaitility.await().until(() -> in.available() == 3);
        assertThat(in.readNBytes(3)).containsExactly(1, 2, 3);
        assertTimesOut(in);
        p.server().shutdownOutput();
        p.client().setSoTimeout(LONG_MS);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
        p.client().getOutputStream().write('x');
        assertThat(p.server().getInputStream().read()).isEqualTo('x');
    }

    @Test
    void shouldTellAResetAfterATimeOut() throws Exception {
        SocketPair p = socketPair();
        p.client().setSoTimeout(SHORT_MS);
        InputStream in = p.client().getInputStream();
        assertTimesOut(in);
        p.server().setSoLinger(true, 0);
        p.client().setSoTimeout(LONG_MS);
        p.server().close();
        assertThatThrownBy(in::read).isInstanceOf(SocketException.class).hasMessage("Connection reset");
    }

    /** The limit of one direction is no limit of the other: a write that waits for room does not time out. */
    @Test
    void shouldNotLimitWrites() throws Exception {
        SocketPair p = socketPair();
        p.client().setSoTimeout(SHORT_MS);
        int total = 8 << 20;
        Background<Void> writer = Background.run(() -> p.client()
                        .getOutputStream()
                        .write(pattern.bytes(0, total).array()))
                .insideOf("write");
        assertTimesOut(p.client().getInputStream());
        assertThat(writer.done()).isFalse();
        pattern.verify(ByteBuffer.wrap(p.server().getInputStream().readNBytes(total)), 0);
        writer.result();
    }

    /** The time that another thread's read takes is part of its own. So do the sockets of JDK 25; those of 17 wait longer. */
    @Test
    void shouldTimeOutWhileAnotherThreadReads() throws Exception {
        assumeTrue(!kind.isReference() || Runtime.version().feature() >= 25, "waits for the other one before");
        SocketPair p = socketPair();
        InputStream in = p.client().getInputStream();
        p.client().setSoTimeout(LONG_MS);
        Background<Integer> other = Background.start(in::read).insideOf("read");
        p.client().setSoTimeout(SHORT_MS);
        assertTimesOut(in);
        assertTimesOut(in);
        assertThat(other.done()).isFalse();
        p.server().getOutputStream().write('o');
        assertThat(other.result()).isEqualTo('o');
        p.server().getOutputStream().write('n');
        p.client().setSoTimeout(LONG_MS);
        assertThat(in.read()).isEqualTo('n');
    }

    /** A reader that waits in the timed read of one thread is woken by the bytes, long before its time is over. */
    @Test
    void shouldWakeWhenBytesComeWithinTheTime() throws Exception {
        SocketPair p = socketPair();
        p.client().setSoTimeout(LONG_MS);
        for (int i = 0; i < 20; i++) {
            Background<Integer> reader =
                    Background.start(() -> p.client().getInputStream().read());
            p.server().getOutputStream().write(i);
            assertThat(reader.result()).isEqualTo(i);
        }
    }

    /** The same through the adaptor of a channel, which a time-out leaves in blocking mode, too. */
    @Test
    void shouldLeaveTheChannelOfAnAdaptorAsItWas() throws Exception {
        var p = pair();
        Socket s = p.client().socket();
        s.setSoTimeout(SHORT_MS);
        for (int i = 0; i < 3; i++) {
            assertTimesOut(s.getInputStream());
            assertThat(p.client().isOpen() && p.client().isBlocking()).isTrue();
            Io.write(p.server(), "channel");
            assertThat(Io.read(p.client(), 7)).isEqualTo("channel");
        }
    }
}
