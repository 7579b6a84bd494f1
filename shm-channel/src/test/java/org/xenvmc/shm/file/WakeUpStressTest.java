package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.spi.SignalPoller;

/**
 * A lost wake-up hangs: each round makes a few signals, then waits until all are delivered, and nothing else is signalled
 * meanwhile that could cover it up.
 */
class WakeUpStressTest {
    private static final int CONNECTIONS = 300;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);

    /** By connection: what was published before its latest signal, and what the listener saw of that. */
    private final AtomicIntegerArray published = new AtomicIntegerArray(CONNECTIONS);

    private final AtomicIntegerArray seen = new AtomicIntegerArray(CONNECTIONS);
    private final AtomicInteger mails = new AtomicInteger();
    private final long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
    private volatile int round;
    private volatile int pollerRound;
    private int mailsSent;
    private volatile boolean over;
    private TestHost host;

    private final RecordingListener listener = new RecordingListener() {
        @Override
        public void signalled(int connection) {
            int n = published.getPlain(connection);
            seen.accumulateAndGet(connection, n, Math::max);
        }

        @Override
        public void message(int type, ByteBuffer payload) {
            mails.incrementAndGet();
        }
    };

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        over = true;
        host.close();
    }

    private void awaitSeen(int connection) {
        long deadline = System.nanoTime() + LIMIT_NS;
        while (seen.get(connection) < round) {
            assertThat(System.nanoTime() - deadline)
                    .as("signal of connection %d lost in round %d, seed %d", connection, round, seed)
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    private void rounds(Member target, int rounds) {
        Random random = new Random(seed);
        for (int last = round + rounds; round < last; ) {
            round = round + 1;
            int first = random.nextInt(CONNECTIONS - 3);
            int count = 1 + random.nextInt(3);
            for (int c = first; c < first + count; c++) {
                published.setRelease(c, round);
                target.signal(c);
            }
            if (random.nextInt(10) == 0 && target.send(1, ByteBuffer.allocate(8))) {
                mailsSent++;
            }
            for (int c = first; c < first + count; c++) {
                awaitSeen(c);
            }
            if (random.nextInt(20) == 0) {
                LockSupport.parkNanos(random.nextInt(100_000)); // so that the thread sleeps when the next round comes
            }
        }
        await().until(() -> mails.get() == mailsSent);
    }

    private Thread poller(SignalPoller poller, int number) {
        Thread thread = new Thread(() -> {
            Random random = new Random(seed + number);
            while (!over) {
                poller.enter();
                for (int i = random.nextInt(200); i > 0; i--) {
                    poller.poll();
                    Thread.onSpinWait();
                }
                poller.exit();
                if (random.nextInt(4) == 0) {
                    LockSupport.parkNanos(random.nextInt(50_000));
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Enters and exits once per round: nobody looks after it, but the thread. */
    private Thread onceARound(SignalPoller poller) {
        Thread thread = new Thread(() -> {
            Random random = new Random(seed + 3);
            while (!over) {
                int now = awaitNewRound();
                spin(random.nextInt(300));
                poller.enter();
                for (int i = random.nextInt(4); i > 0; i--) {
                    poller.poll();
                    spin(random.nextInt(100));
                }
                poller.exit();
                pollerRound = now;
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private int awaitNewRound() {
        while (round == pollerRound && !over) {
            Thread.yield();
        }
        return round;
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldLoseNoSignalWhenOnlyPollerStopsLooking() throws Exception {
        FileHostMembership a = host.join(listener);
        FileHostMembership b = host.join(new RecordingListener());
        Member target = b.member(a.self().domId());
        Thread poller = onceARound(a.signalPoller());
        Random random = new Random(seed);
        for (int i = 0; i < 30_000; i++) {
            int connection = random.nextInt(CONNECTIONS);
            published.set(connection, round + 1);
            round = round + 1;
            spin(random.nextInt(300));
            target.signal(connection);
            awaitSeen(connection);
            while (pollerRound != round) {
                Thread.yield();
            }
        }
        over = true;
        poller.join();
    }

    @Test
    void shouldLoseNoSignalWhenThreadSleepsAndWakes() throws Exception {
        FileHostMembership a = host.join(listener);
        FileHostMembership b = host.join(new RecordingListener());
        rounds(b.member(a.self().domId()), 20_000);
    }

    @Test
    void shouldLoseNoSignalWhenPollersComeAndGo() throws Exception {
        FileHostMembership a = host.join(listener);
        FileHostMembership b = host.join(new RecordingListener());
        Thread one = poller(a.signalPoller(), 1);
        Thread two = poller(a.signalPoller(), 2);
        rounds(b.member(a.self().domId()), 20_000);
        over = true;
        one.join();
        two.join();
        rounds(b.member(a.self().domId()), 1000);
    }

    @Test
    void shouldLoseNoSignalWhenPeerIsAnotherProcess() throws Exception {
        FileHostMembership a = host.join(listener);
        try (ChildVm child = new ChildVm(host.directory)) {
            await().until(() -> a.member(child.domId) != null);
            rounds(a.member(child.domId), 3000);
            Thread one = poller(a.signalPoller(), 1);
            rounds(a.member(child.domId), 3000);
            over = true;
            one.join();
        }
    }
}
