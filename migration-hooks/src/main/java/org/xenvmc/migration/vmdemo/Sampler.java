package org.xenvmc.migration.vmdemo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.vm.Guest;
import org.xenvmc.migration.vm.GuestTraffic;

/** Asks a guest that is not moved how the traffic stands, again and again. Nobody else may ask it meanwhile. */
final class Sampler implements AutoCloseable {
    private static final long INTERVAL_MS = 200;
    private static final long END_LIMIT_MS = 10_000;
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    private final Guest guest;
    private final Timeline timeline;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "vm-demo-sampler");
    private volatile GuestTraffic latest;
    private volatile IOException failure;

    Sampler(Guest guest, Timeline timeline) {
        this.guest = guest;
        this.timeline = timeline;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            do {
                GuestTraffic t = GuestTraffic.of(guest);
                timeline.add(Sample.of(timeline.now(), t));
                latest = t;
            } while (!ending.await(INTERVAL_MS, TimeUnit.MILLISECONDS));
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // by nobody
        }
    }

    /** Waits until the guest that is asked is on shared memory in both directions. */
    void awaitShared() throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        while (true) {
            if (failure != null) {
                throw failure;
            }
            GuestTraffic t = latest;
            if (t != null && !t.failure().isEmpty()) {
                throw new IOException("guest " + guest.name() + ": " + t.failure());
            }
            if (t != null && t.shared()) {
                return;
            }
            if (System.nanoTime() - startNs > SILENCE_LIMIT.toNanos()) {
                throw new IOException("guest " + guest.name() + " is not on shared memory again: " + t);
            }
            TimeUnit.MILLISECONDS.sleep(INTERVAL_MS);
        }
    }

    /** Ends it; afterwards others may ask the guest. */
    @Override
    public void close() throws IOException {
        ending.countDown();
        try {
            thread.join(END_LIMIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new IOException("guest " + guest.name() + " is silent");
        }
    }
}
