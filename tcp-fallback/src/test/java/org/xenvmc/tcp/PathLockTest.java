package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(100)
class PathLockTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 50_000;

    private final PathLock lock = new PathLock();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private long guarded;
    private volatile boolean flag;

    @AfterEach
    void end() throws Exception {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private void inAllThreads(Runnable work) throws Exception {
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            done.add(threads.submit(work));
        }
        for (Future<?> f : done) {
            f.get(60, TimeUnit.SECONDS);
        }
    }

    private void increment() {
        for (int i = 0; i < ROUNDS; i++) {
            lock.lock();
            try {
                guarded++;
            } finally {
                lock.unlock();
            }
        }
    }

    @Test
    void shouldLetOneThreadInAtATime() throws Exception {
        inAllThreads(this::increment);
        assertThat(guarded).isEqualTo((long) THREADS * ROUNDS);
    }

    @Test
    void shouldBeReentrant() {
        lock.lock();
        assertThat(lock.tryLock()).isTrue();
        lock.lock();
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        lock.unlock();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
    }

    @Test
    void shouldFailToTryWhileAnotherThreadIsIn() throws Exception {
        lock.lock();
        assertThat(threads.submit(lock::tryLock).get()).isFalse();
        assertThat(threads.submit(lock::tryLockOnce).get()).isFalse();
        lock.unlock();
        assertThat(threads.submit(() -> {
                            boolean in = lock.tryLock();
                            lock.unlock();
                            return in;
                        })
                        .get())
                .isTrue();
    }

    @Test
    void shouldKeepTheInterruptOfAWaiter() throws Exception {
        lock.lock();
        CountDownLatch started = new CountDownLatch(1);
        Thread[] waiter = new Thread[1];
        Future<Boolean> interrupted = threads.submit(() -> {
            waiter[0] = Thread.currentThread();
            started.countDown();
            lock.lock();
            lock.unlock();
            return Thread.interrupted();
        });
        started.await();
        waiter[0].interrupt();
        lock.unlock();
        assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Whoever sets a flag and fails to get in is noticed by the holder, who looks after unlocking. */
    @Test
    void shouldNotMissAFlagThatWasSetBeforeAFailure() throws Exception {
        for (int i = 0; i < ROUNDS / 10; i++) {
            flag = false;
            lock.lock();
            Future<Boolean> seen = threads.submit(() -> {
                flag = true;
                boolean in = lock.tryLock();
                if (in) {
                    lock.unlock();
                }
                return in;
            });
            lock.unlock();
            boolean holderSaw = flag;
            assertThat(seen.get(20, TimeUnit.SECONDS) || holderSaw).isTrue();
        }
    }

    @Test
    void shouldGiveUpAfterATimeAndKeepAnInterrupt() throws Exception {
        lock.lock();
        Callable<Boolean> interruptedOne = () -> {
            Thread.currentThread().interrupt();
            assertThat(lock.tryLockFor(1_000_000)).isFalse();
            return Thread.interrupted();
        };
        assertThat(threads.submit(interruptedOne).get(20, TimeUnit.SECONDS)).isTrue();
        lock.unlock();
        Callable<Boolean> enter = () -> {
            boolean in = lock.tryLockFor(1);
            lock.unlock();
            return in;
        };
        assertThat(threads.submit(enter).get(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Whoever gives up may have been the one that was to come next: nobody stays outside of a lock that is free. */
    @Test
    void shouldLoseNoWakeUpWhenThreadsGiveUp() throws Exception {
        AtomicLong entered = new AtomicLong();
        inAllThreads(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                if (i % 3 == 0) {
                    lock.lock();
                } else if (!lock.tryLockFor(ThreadLocalRandom.current().nextLong(2_000))) {
                    continue;
                }
                guarded++;
                entered.incrementAndGet();
                lock.unlock();
            }
        });
        assertThat(guarded).isEqualTo(entered.get()).isPositive();
    }
}
