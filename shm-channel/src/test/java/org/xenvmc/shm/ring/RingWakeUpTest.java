package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.shm.provider.GrantTable.Grant;

/**
 * Ping-pong with the kernel's futexes and without any spinning: each message waits for the one before, so that one lost
 * wake-up ends the test.
 */
@Timeout(110)
class RingWakeUpTest {
    private static final int MESSAGES = Integer.getInteger("xenvmc.test.pingpongs", 100_000);
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(8);

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private Path host;

    /** Nearly all messages are short; some do not fit into the ring, so that writers sleep, too. */
    static int length(int i) {
        return i % 500 == 499 ? SharedRings.CAPACITY + i % 7000 : 1 + i % 40;
    }

    @BeforeEach
    void open() {
        host = SharedRings.newHost();
    }

    @AfterEach
    void close() throws Exception {
        thread.shutdownNow();
        assertThat(thread.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        SharedRings.delete(host);
    }

    private static void pingPong(SpscRingSender out, SpscRingReceiver in) throws Exception {
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = new byte[length(i)];
            Arrays.fill(message, (byte) i);
            ByteBuffer answer = ByteBuffer.allocate(message.length);
            SharedRings.send(out, ByteBuffer.wrap(message), LIMIT_NS);
            SharedRings.receive(in, answer, LIMIT_NS);
            if (!Arrays.equals(answer.array(), message)) {
                throw new AssertionError("message " + i + " came back changed");
            }
        }
        assertThat(in.sleeps()).isGreaterThan(MESSAGES / 20);
    }

    @Test
    void shouldWakeBetweenTwoThreads() throws Exception {
        try (SharedRings rings = new SharedRings(host)) {
            Grant there = rings.grant(rings.membership.selfMember());
            Grant back = rings.grant(rings.membership.selfMember());
            int self = rings.membership.self().domId();
            Future<Void> echo = thread.submit(() -> {
                SharedRings.echo(
                        SharedRings.receiver(rings.map(self, there.ref().number())),
                        SharedRings.sender(rings.map(self, back.ref().number())),
                        MESSAGES,
                        LIMIT_NS);
                return null;
            });
            pingPong(SharedRings.sender(there.mapping()), SharedRings.receiver(back.mapping()));
            echo.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldWakeBetweenTwoProcesses() throws Exception {
        try (SharedRings rings = new SharedRings(host);
                RingEchoProcess child = new RingEchoProcess(host)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> rings.membership.member(child.domId) != null);
            Grant there = rings.grant(rings.membership.member(child.domId));
            Grant back = rings.grant(rings.membership.member(child.domId));
            int self = rings.membership.self().domId();
            child.echo(self, there.ref().number(), back.ref().number(), MESSAGES, LIMIT_NS);
            pingPong(SharedRings.sender(there.mapping()), SharedRings.receiver(back.mapping()));
            assertThat(child.answer()).isEqualTo("done");
        }
    }
}
