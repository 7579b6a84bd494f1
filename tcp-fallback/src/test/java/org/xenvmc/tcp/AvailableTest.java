package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.spi.ByteStream;

/** What {@code InputStream.available()} says: programs ask before they read, and read only then. */
@Timeout(60)
class AvailableTest {
    private StreamPair pair;
    private StreamEnd a;
    private StreamEnd b;

    @BeforeEach
    void begin() throws Exception {
        pair = new StreamPair();
        a = pair.a;
        b = pair.b;
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    private void on(Path path) throws Exception {
        if (path != Path.TCP) {
            pair.upgrade(a, b);
        }
        a.send(20);
        b.receive(20);
        if (path == Path.FRAMED_TCP) {
            pair.downgrade(a, b);
        }
    }

    /** Never more than there is, and never nothing for ever while something is there. */
    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldSayThatThereIsSomethingToAReaderThatWaitsForIt(Path path) throws Exception {
        on(path);
        assertThat(b.stream.available()).isZero();
        for (int i = 1; i < 40; i++) {
            a.send(i);
            int left = i;
            while (left > 0) {
                StreamPair.until(() -> b.stream.available() > 0);
                int n = b.stream.available();
                assertThat(n).isBetween(1, left);
                b.receive(n);
                left -= n;
            }
            assertThat(b.stream.available()).isZero();
        }
    }

    /** Bytes that a handler has in hand are its. */
    @ParameterizedTest
    @EnumSource(Path.class)
    void shouldNotWaitForAHandlerThatTakesItsTime(Path path) throws Exception {
        on(path);
        for (long limitNs : new long[] {ByteStream.FOREVER, ByteStream.NON_BLOCKING}) {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            a.send(10);
            StreamPair.until(() -> b.stream.available() == 10);
            FutureTask<Integer> receiving = new FutureTask<>(() -> b.stream.receive(
                    10,
                    data -> {
                        data.position(data.limit());
                        inside.countDown();
                        awaitHere(goOn);
                    },
                    limitNs));
            new Thread(receiving, "test-receiver").start();
            awaitHere(inside);
            assertThat(b.stream.available()).isZero();
            goOn.countDown();
            assertThat(receiving.get(30, TimeUnit.SECONDS)).isEqualTo(10);
            assertThat(b.stream.available()).isZero();
        }
    }

    private static void awaitHere(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGoOnSayingSoOverSwitches() throws Exception {
        for (int i = 0; i < 20; i++) {
            pair.upgrade(a, b);
            a.send(5);
            StreamPair.until(() -> b.stream.available() > 0);
            b.receive(5);
            pair.downgrade(a, b);
            a.send(7);
            StreamPair.until(() -> b.stream.available() > 0);
            b.receive(7);
        }
    }

    @Test
    void shouldNotCountTheStartFrame() throws Exception {
        RawPeer peer = new RawPeer();
        try {
            FakeRing ring = peer.attachRing();
            ring.sender.start(5);
            peer.send(RawPeer.raw(0, 5), RawPeer.frame(Frame.START, 5, 0));
            StreamPair.until(() -> peer.end.tcp.socket().getInputStream().available() == 21);
            assertThat(peer.end.stream.available()).isEqualTo(5);
            peer.end.receive(5);
            assertThat(peer.end.stream.available()).isZero();
        } finally {
            peer.close();
        }
    }
}
