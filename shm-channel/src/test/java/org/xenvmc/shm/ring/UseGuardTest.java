package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A use of the memory happens before the closing, or not at all. */
@Timeout(60)
class UseGuardTest {
    @Test
    void shouldLetNobodyInAfterClosing() {
        UseGuard guard = new UseGuard();
        assertThat(guard.enter()).isTrue();
        assertThat(guard.enter()).isTrue();
        guard.exit();
        guard.exit();
        assertThat(guard.close()).isTrue();
        assertThat(guard.closed()).isTrue();
        assertThat(guard.enter()).isFalse();
        assertThat(guard.close()).isFalse();
    }

    @Test
    void shouldNotCloseWhileSomebodyIsInside() throws Exception {
        UseGuard guard = new UseGuard();
        assertThat(guard.enter()).isTrue();
        AtomicBoolean closed = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            guard.close();
            closed.set(true);
        });
        closer.start();
        while (!guard.closed()) {
            Thread.onSpinWait();
        }
        assertThat(guard.enter()).isFalse();
        assertThat(closed).isFalse();
        guard.exit();
        closer.join(30_000);
        assertThat(closed).isTrue();
    }

    @Test
    void shouldNeverHaveAUserAfterTheClosing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 3_000; round++) {
                UseGuard guard = new UseGuard();
                AtomicInteger memory = new AtomicInteger(1);
                CountDownLatch begin = new CountDownLatch(1);
                List<Future<?>> all = new ArrayList<>();
                for (int t = 0; t < 2; t++) {
                    all.add(threads.submit(() -> use(guard, memory, begin)));
                }
                all.add(threads.submit(() -> {
                    begin.await();
                    if (guard.close()) {
                        memory.set(0); // unmapped
                    }
                    return null;
                }));
                begin.countDown();
                for (Future<?> f : all) {
                    f.get(30, TimeUnit.SECONDS);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void use(UseGuard guard, AtomicInteger memory, CountDownLatch begin) throws InterruptedException {
        begin.await();
        for (int i = 0; i < 50 && guard.enter(); i++) {
            try {
                if (memory.get() == 0) {
                    throw new AssertionError("used after it was unmapped");
                }
            } finally {
                guard.exit();
            }
        }
        return null;
    }
}
