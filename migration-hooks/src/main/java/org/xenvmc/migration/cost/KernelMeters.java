package org.xenvmc.migration.cost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xenvmc.migration.cost.MemoryMap.Mapping;
import org.xenvmc.shm.syscall.MappedRegion;
import org.xenvmc.shm.syscall.NativeAccess;

/**
 * Finds out which meter works here, by measuring something known: kernels exist that take every step of one and count
 * nothing.
 */
final class KernelMeters {
    private static final int PAGES = 16;

    private KernelMeters() {}

    /**
     * A meter that was seen to work, or why there is none.
     *
     * @param meter the meter, not begun; null when there is none
     * @param obstacle why there is none; null when there is one
     */
    record Found(KernelMeter meter, String obstacle) {}

    interface Source {
        KernelMeter open(MemoryMap map) throws IOException;
    }

    /** Tries PAGEMAP_SCAN, which disturbs nobody, then soft-dirty. */
    static Found find(MemoryMap map) {
        List<String> why = new ArrayList<>();
        if (!NativeAccess.available()) {
            return new Found(null, "no system calls: " + NativeAccess.reason());
        }
        KernelMeter meter = tried("PAGEMAP_SCAN", PageScanMeter::new, map, why);
        if (meter == null) {
            meter = tried("soft-dirty", SoftDirtyMeter::new, map, why);
        }
        return new Found(meter, meter == null ? String.join("; ", why) : null);
    }

    private static KernelMeter tried(String name, Source source, MemoryMap map, List<String> why) {
        try {
            if (works(source)) {
                return source.open(map);
            }
            why.add(name + ": the kernel does not count");
        } catch (IOException e) {
            why.add(name + ": " + e.getMessage());
        }
        return null;
    }

    /** Writes 3 of 16 pages, then 2, then none: the meter has to say just that. */
    static boolean works(Source source) throws IOException {
        MappedRegion region = MappedRegion.anonymous(PAGES * PreCopy.PAGE_BYTES);
        Mapping mapping = new Mapping(region.address(), region.address() + region.bytes(), MappingKind.REST);
        MemoryMap onlyThat = new MemoryMap(null, null) {
            @Override
            List<Mapping> read() {
                return List.of(mapping);
            }
        };
        try (KernelMeter meter = source.open(onlyThat)) {
            write(region, 0, 1, 2, 3);
            meter.begin();
            return counts(meter, region, 2, 7, 9) && counts(meter, region, 3, 15) && counts(meter, region);
        } finally {
            region.unmap();
        }
    }

    private static boolean counts(KernelMeter meter, MappedRegion region, int... pages) throws IOException {
        write(region, pages);
        return meter.take().equals(Map.of(MappingKind.REST, (long) pages.length));
    }

    private static void write(MappedRegion region, int... pages) {
        for (int page : pages) {
            int at = page * PreCopy.PAGE_BYTES;
            region.buffer().put(at, (byte) (region.buffer().get(at) + 1));
        }
    }
}
