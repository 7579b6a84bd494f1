package org.xenvmc.migration.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * What a {@link DirtyPageMeter} found.
 *
 * @param done whether all samples are there
 * @param memoryPages pages of the process's own that are in memory, without the host's shared memory
 * @param method the kernel's help, or null when there is none
 * @param obstacle why there is none, or null
 * @param samples the samples, one after the other, each longer than the one before
 */
public record DirtyReport(boolean done, long memoryPages, String method, String obstacle, List<DirtySample> samples) {
    /** Keeps a copy of the samples. */
    public DirtyReport {
        samples = List.copyOf(samples);
    }

    /** The report as JSON. */
    public JsonObject toJson() {
        return new JsonObject()
                .put("done", done)
                .put("memoryPages", memoryPages)
                .put("method", method)
                .put("obstacle", obstacle)
                .put("samples", samples.stream().map(DirtySample::toJson).toList());
    }

    /** Reads what {@link #toJson} writes. */
    public static DirtyReport of(JsonObject json) throws JsonException {
        List<DirtySample> samples = new ArrayList<>();
        for (JsonObject sample : json.objects("samples")) {
            samples.add(DirtySample.of(sample));
        }
        return new DirtyReport(
                json.flag("done"),
                json.number("memoryPages"),
                json.text("method", null),
                json.text("obstacle", null),
                samples);
    }

    /**
     * Pages of these kinds in a sample, as the kernel counts.
     *
     * @return empty when one of the kinds that the process has was not counted
     */
    static OptionalLong written(DirtySample sample, MappingKind... kinds) {
        Map<MappingKind, Long> written = sample.written();
        if (written == null || !written.containsKey(MappingKind.REST)) {
            return OptionalLong.empty();
        }
        long sum = 0;
        for (MappingKind kind : kinds) {
            sum += written.getOrDefault(kind, 0L);
        }
        return OptionalLong.of(sum);
    }

    /**
     * Model of what the process writes in these kinds of mappings.
     *
     * @return null when the kernel could not count
     */
    public DirtyModel writtenModel(MappingKind... kinds) {
        SortedMap<Long, Long> points = new TreeMap<>();
        for (DirtySample sample : samples) {
            OptionalLong pages = written(sample, kinds);
            if (pages.isEmpty()) {
                return null;
            }
            points.merge(sample.ns(), pages.getAsLong(), Math::max);
        }
        return points.isEmpty() ? null : DirtyModel.measured(points);
    }

    /** Bytes received per second, over all samples. */
    public double receivedBytesPerSecond() {
        long bytes =
                samples.stream().mapToLong(s -> s.transport().receivedBytes()).sum();
        long ns = samples.stream().mapToLong(DirtySample::ns).sum();
        return ns == 0 ? 0 : bytes * DirtyModel.NS_PER_S / ns;
    }
}
