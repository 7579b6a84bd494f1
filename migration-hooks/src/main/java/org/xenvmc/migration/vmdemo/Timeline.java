package org.xenvmc.migration.vmdemo;

import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.json.JsonObject;

/** What was seen when. Thread-safe. */
final class Timeline {
    private static final double BYTES_PER_MB = 1e6;

    private final long startNs = System.nanoTime();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();

    /** Seconds since its beginning. */
    double now() {
        return (System.nanoTime() - startNs) / 1e9;
    }

    synchronized void add(Sample sample) {
        samples.add(sample);
    }

    synchronized void add(Mark mark) {
        marks.add(mark);
    }

    /** Leaves out what was seen before. */
    synchronized void forgetBefore(double seconds) {
        samples.removeIf(s -> s.seconds() < seconds);
        marks.removeIf(m -> m.seconds() < seconds);
    }

    synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    synchronized List<Mark> marks() {
        return List.copyOf(marks);
    }

    /** When the last sample was taken. */
    synchronized double end() {
        return samples.isEmpty() ? 0 : samples.get(samples.size() - 1).seconds();
    }

    /**
     * Throughput of a path in equal parts of the time, in megabytes per second.
     *
     * @param memory whether it is shared memory's, else TCP's
     */
    double[] throughput(boolean memory, int parts) {
        List<Sample> all = samples();
        double[] mbPerSecond = new double[parts];
        if (all.size() < 2) {
            return mbPerSecond;
        }
        double begin = all.get(0).seconds();
        double width = (end() - begin) / parts;
        for (int i = 0; i < parts; i++) {
            double bytes = at(all, begin + (i + 1) * width, memory) - at(all, begin + i * width, memory);
            mbPerSecond[i] = bytes / width / BYTES_PER_MB;
        }
        return mbPerSecond;
    }

    /** Bytes at a time, on the straight line between the samples around it. */
    private static double at(List<Sample> all, double seconds, boolean memory) {
        int after = 1;
        while (after < all.size() - 1 && all.get(after).seconds() < seconds) {
            after++;
        }
        Sample a = all.get(after - 1);
        Sample b = all.get(after);
        double part = Math.min(1, Math.max(0, (seconds - a.seconds()) / (b.seconds() - a.seconds())));
        return bytes(a, memory) + part * (bytes(b, memory) - bytes(a, memory));
    }

    private static long bytes(Sample s, boolean memory) {
        return memory ? s.memoryBytes() : s.tcpBytes();
    }

    JsonObject toJson() {
        return new JsonObject()
                .put(
                        "samples",
                        samples().stream()
                                .map(s -> new JsonObject()
                                        .put("seconds", s.seconds())
                                        .put("memoryBytes", s.memoryBytes())
                                        .put("tcpBytes", s.tcpBytes()))
                                .toList())
                .put(
                        "marks",
                        marks().stream()
                                .map(m -> new JsonObject()
                                        .put("seconds", m.seconds())
                                        .put("name", m.name())
                                        .put("ms", m.ms()))
                                .toList());
    }
}
