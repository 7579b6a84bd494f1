package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whoever claims what lies there has it alone. */
class HandoverTest {
    private final Handover<String> place = new Handover<>();

    @Test
    void shouldGiveWhatWasOfferedToOne() {
        assertThat(place.present()).isFalse();
        assertThat(place.claim()).isNull();
        assertThat(place.offer("ring")).isTrue();
        assertThat(place.offer("another")).isFalse();
        assertThat(place.present()).isTrue();
        assertThat(place.claim()).isEqualTo("ring");
        assertThat(place.claim()).isNull();
        assertThat(place.present()).as("claimed, and not gone").isTrue();
        assertThat(place.offer("another")).isFalse();
        place.putBack("changed");
        assertThat(place.claim()).isEqualTo("changed");
        place.settle();
        assertThat(place.present()).isFalse();
        assertThat(place.offer("another")).isTrue();
    }

    @Test
    void shouldKeepAReservedPlaceFromEverybody() {
        assertThat(place.reserve()).isTrue();
        assertThat(place.reserve()).isFalse();
        assertThat(place.offer("other")).isFalse();
        assertThat(place.claim()).isNull();
        assertThat(place.present()).isTrue();
        place.putBack("ring");
        assertThat(place.reserve()).isFalse();
        assertThat(place.claim()).isEqualTo("ring");
    }

    @Test
    void shouldHaveOneOwnerAtATime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicInteger owners = new AtomicInteger();
        AtomicInteger settled = new AtomicInteger();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                all.add(threads.submit(() -> work(thread, owners, settled)));
            }
            for (Future<?> f : all) {
                f.get(60, TimeUnit.SECONDS);
            }
            String left = place.claim();
            assertThat(settled.get()).isPositive();
            assertThat(left == null || left.equals("ring")).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    private Void work(int thread, AtomicInteger owners, AtomicInteger settled) {
        for (int i = 0; i < 50_000; i++) {
            if (thread == 0) {
                place.offer("ring");
            } else if (place.claim() != null) {
                if (owners.incrementAndGet() != 1) {
                    throw new AssertionError("two owners");
                }
                owners.decrementAndGet();
                if (i % 7 == 0) {
                    settled.incrementAndGet();
                    place.settle();
                } else {
                    place.putBack("ring");
                }
            }
        }
        return null;
    }
}
