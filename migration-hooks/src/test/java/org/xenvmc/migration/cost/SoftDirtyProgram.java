package org.xenvmc.migration.cost;

import java.util.List;
import java.util.Map;
import org.xenvmc.migration.cost.MemoryMap.Mapping;
import org.xenvmc.shm.syscall.MappedRegion;

/**
 * Runs in a guest whose kernel has soft-dirty bits: says whether the meter is found to work there, and what it counts.
 */
public final class SoftDirtyProgram {
    private static final int PAGES = 300;

    private SoftDirtyProgram() {}

    /** Prints {@code METER works=BOOLEAN first=COUNTS second=COUNTS found=METHOD}. */
    public static void main(String[] args) throws Exception {
        boolean works = KernelMeters.works(SoftDirtyMeter::new);
        MappedRegion region = MappedRegion.anonymous(PAGES * 4096);
        MemoryMap map = new MemoryMap(null, null) {
            @Override
            List<Mapping> read() {
                return List.of(
                        mapping(region, 0, 100, MappingKind.HEAP), mapping(region, 100, PAGES, MappingKind.REST));
            }
        };
        try (SoftDirtyMeter meter = new SoftDirtyMeter(map)) {
            write(region, 0, PAGES);
            meter.begin();
            write(region, 90, 125);
            Map<MappingKind, Long> first = meter.take();
            Map<MappingKind, Long> second = meter.take();
            KernelMeters.Found found = KernelMeters.find(map);
            System.out.println("METER works=" + works + " first=" + first + " second=" + second + " found="
                    + (found.meter() == null ? found.obstacle() : found.meter().method()) + " END");
        }
        Thread.sleep(Long.MAX_VALUE); // the guest lives as long as its program
    }

    private static Mapping mapping(MappedRegion region, int first, int end, MappingKind kind) {
        return new Mapping(region.address() + first * 4096L, region.address() + end * 4096L, kind);
    }

    private static void write(MappedRegion region, int from, int to) {
        for (int page = from; page < to; page++) {
            region.buffer().put(page * 4096, (byte) (region.buffer().get(page * 4096) + 1));
        }
    }
}
