package org.xenvmc.bench.workload;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.bench.transport.Endpoint;
import org.xenvmc.bench.transport.Transport;
import org.xenvmc.transport.Path;

/** Takes this process's connections off shared memory and puts them on again, in turn, beside a running stream. */
final class PathSwitcher {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long CALM_NS = TimeUnit.MILLISECONDS.toNanos(3);
    /** What happens within this time after a switch still belongs to it. */
    private static final long AFTERMATH_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int ARRIVALS_AFTERWARDS = 3;

    private final Endpoint endpoint;
    private final Transport transport;
    private final GapRecorder gaps;
    private final long settleNs;
    private final long[] leaveGapsNs;
    private final long[] joinGapsNs;

    /**
     * Prepares it.
     *
     * @param settleNs for how long to switch before gaps count
     * @param switches whose gaps count, there and back counted apart
     */
    PathSwitcher(Endpoint endpoint, GapRecorder gaps, long settleNs, int switches) {
        this.endpoint = endpoint;
        this.transport = endpoint.transport();
        this.gaps = gaps;
        this.settleNs = settleNs;
        this.leaveGapsNs = new long[(switches + 1) / 2];
        this.joinGapsNs = new long[(switches + 1) / 2];
    }

    /** Carries out all switches. */
    void run() throws IOException {
        awaitArrivals(ARRIVALS_AFTERWARDS);
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < settleNs) {
            leave();
            join();
        }
        for (int i = 0; i < leaveGapsNs.length; i++) {
            leaveGapsNs[i] = leave();
            joinGapsNs[i] = join();
        }
    }

    private long leave() throws IOException {
        return around(() -> transport.leaveHost(LIMIT), Path.FRAMED_TCP);
    }

    private long join() throws IOException {
        return around(transport::joinHost, Path.SHARED_MEMORY);
    }

    /** Longest gap around each switch to TCP, in nanoseconds. */
    long[] leaveGapsNs() {
        return Arrays.copyOf(leaveGapsNs, leaveGapsNs.length);
    }

    /** Longest gap around each switch to shared memory, in nanoseconds. */
    long[] joinGapsNs() {
        return Arrays.copyOf(joinGapsNs, joinGapsNs.length);
    }

    @FunctionalInterface
    private interface Switch {
        void run() throws IOException;
    }

    private long around(Switch change, Path expected) throws IOException {
        LockSupport.parkNanos(CALM_NS);
        gaps.open();
        change.run();
        awaitReceivingOn(expected);
        LockSupport.parkNanos(AFTERMATH_NS);
        awaitArrivals(gaps.arrivals() + ARRIVALS_AFTERWARDS);
        return gaps.longestNs();
    }

    private void awaitReceivingOn(Path expected) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!transport.isReceivingOn(endpoint.channel(), expected)) {
            if (System.nanoTime() > end) {
                throw new IOException("not on " + expected + " within " + LIMIT.toMillis() + " ms: "
                        + transport.describe(endpoint.channel()));
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }

    private void awaitArrivals(long count) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (gaps.arrivals() < count) {
            if (System.nanoTime() > end) {
                throw new IOException("the stream stands still: " + gaps.arrivals() + " arrivals after "
                        + LIMIT.toMillis() + " ms; " + transport.describe(endpoint.channel()));
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }
}
