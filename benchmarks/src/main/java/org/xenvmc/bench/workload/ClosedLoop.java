package org.xenvmc.bench.workload;

import java.io.IOException;

/**
 * Repeats an operation, the next as soon as the one before is over, for some time. Every ninth operation is timed on its
 * own, so that reading the clock costs little where an operation takes 100 ns.
 */
final class ClosedLoop {
    private static final int UNTIMED = 8;

    /** One operation. */
    @FunctionalInterface
    interface Operation {
        void run() throws IOException;
    }

    private ClosedLoop() {}

    static Sample run(long durationNs, Operation operation) throws IOException {
        Latencies latencies = new Latencies();
        long operations = 0;
        long start = System.nanoTime();
        long now;
        do {
            for (int i = 0; i < UNTIMED; i++) {
                operation.run();
            }
            long before = System.nanoTime();
            operation.run();
            now = System.nanoTime();
            latencies.record(now - before);
            operations += UNTIMED + 1;
        } while (now - start < durationNs);
        Sample sample = new Sample().with(Sample.OPERATIONS, operations).with(Sample.ELAPSED_NS, now - start);
        return latencies.addTo(sample);
    }
}
