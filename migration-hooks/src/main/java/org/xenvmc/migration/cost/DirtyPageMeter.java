package org.xenvmc.migration.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.cost.TransportPages.Moment;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Counts how many pages this process dirties: what its connections write, exactly, from their positions, and what the
 * process
 * writes, with the kernel's help where that was seen to work. Measures for times of several lengths, each twice as
 * long as the
 * one before: how the number of different pages grows with the time is what {@link PreCopy} needs. Used by one thread.
 */
public final class DirtyPageMeter {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int SAMPLES = 4;
    private static final int PARTS = (1 << SAMPLES) - 1;

    private final TransportEngine engine;
    private final KernelMeters.Found kernel;
    private final List<DirtySample> samples = new ArrayList<>();
    private String obstacle;
    private boolean done;

    /** For the process of this engine. Finds out what the kernel can do. */
    public DirtyPageMeter(TransportEngine engine) {
        this(
                engine,
                KernelMeters.find(
                        new MemoryMap(HeapRange.ofThisJvm(), engine.hostStatus().host())));
    }

    DirtyPageMeter(TransportEngine engine, KernelMeters.Found kernel) {
        this.engine = engine;
        this.kernel = kernel;
        this.obstacle = kernel.obstacle();
    }

    /**
     * Measures; the calling thread waits as long as that takes. May be called once.
     *
     * @param length of all samples together
     * @throws InterruptedException when the thread is interrupted; nothing is counted any more then
     */
    public DirtyReport measure(Duration length) throws InterruptedException {
        try (KernelMeter meter = kernel.meter() == null ? new NoMeter() : kernel.meter()) {
            begin(meter);
            for (int i = 0; i < SAMPLES; i++) {
                sample(meter, length.toNanos() * (1L << i) / PARTS);
            }
        }
        synchronized (this) {
            done = true;
        }
        return report();
    }

    private void begin(KernelMeter meter) {
        try {
            meter.begin();
        } catch (IOException e) {
            failed(e);
        }
    }

    private void sample(KernelMeter meter, long ns) throws InterruptedException {
        Moment before = Moment.of(engine);
        take(meter); // what was written between the samples belongs to neither
        long startNs = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(ns);
        Map<MappingKind, Long> written = take(meter);
        long tookNs = System.nanoTime() - startNs;
        TransportPages transport = TransportPages.between(before, Moment.of(engine));
        synchronized (this) {
            samples.add(new DirtySample(tookNs, transport, obstacle == null ? written : null));
        }
    }

    private Map<MappingKind, Long> take(KernelMeter meter) {
        try {
            return meter.take();
        } catch (IOException e) {
            failed(e);
            return null;
        }
    }

    private synchronized void failed(IOException e) {
        obstacle = kernel.meter().method() + ": " + e.getMessage();
    }

    /** What was found up to now. Any thread may ask. */
    public synchronized DirtyReport report() {
        String method = obstacle == null ? kernel.meter().method() : null;
        return new DirtyReport(done, memoryPages(), method, obstacle, samples);
    }

    /** Resident pages that are no shared memory; 0 where the kernel does not say. */
    private static long memoryPages() {
        long kib = 0;
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("RssAnon:") || line.startsWith("RssFile:")) {
                    kib += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return kib * 1024 / PreCopy.PAGE_BYTES;
    }

    /** Where the kernel does not help. */
    private static final class NoMeter implements KernelMeter {
        @Override
        public String method() {
            return null;
        }

        @Override
        public void begin() {}

        @Override
        public Map<MappingKind, Long> take() {
            return null;
        }

        @Override
        public void close() {}
    }
}
