package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

/** Virtual threads that wait must not occupy the few threads that carry them. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadContractTest extends Contract {
    private static final int THREADS = 60;

    private Executor virtual;

    @BeforeEach
    void findVirtualThreads() throws Exception {
        virtual = task -> {
            try {
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private <T> FutureTask<T> start(java.util.concurrent.Callable<T> operation) {
        FutureTask<T> task = new FutureTask<>(operation);
        virtual.execute(task);
        return task;
    }

    @Test
    void shouldReleaseTheirCarriersWhenManyWaitForBytes() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        List<FutureTask<String>> readers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Pair p = pair();
            pairs.add(p);
            readers.add(start(() -> Io.read(p.server(), 4)));
        }
        // if waiting readers held all carriers, this one would never run
        assertThat(start(() -> "ran").get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("ran");
        for (int i = 0; i < THREADS; i++) {
            Io.write(pairs.get(i).client(), "%04d".formatted(i));
        }
        for (int i = 0; i < THREADS; i++) {
            assertThat(readers.get(i).get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("%04d".formatted(i));
        }
    }

    @Test
    void shouldPlayPingPongWhenBothEndsAreVirtual() throws Exception {
        List<FutureTask<Boolean>> ends = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Pair p = pair();
            ends.add(start(() -> {
                for (int n = 0; n < 200; n++) {
                    Io.write(p.client(), "ping");
                    assertThat(Io.read(p.client(), 4)).isEqualTo("pong");
                }
                return true;
            }));
            ends.add(start(() -> {
                for (int n = 0; n < 200; n++) {
                    assertThat(Io.read(p.server(), 4)).isEqualTo("ping");
                    Io.write(p.server(), "pong");
                }
                return true;
            }));
        }
        for (FutureTask<Boolean> end : ends) {
            assertThat(end.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS)).isTrue();
        }
    }
}
