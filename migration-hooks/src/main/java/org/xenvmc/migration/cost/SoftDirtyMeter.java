package org.xenvmc.migration.cost;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import org.xenvmc.migration.cost.MemoryMap.Mapping;

/**
 * With the soft-dirty bit of the page table (kernel documentation: admin-guide/mm/soft-dirty.rst). Where the kernel was
 * built without it, clearing seems to work and the bit stays 0: {@link KernelMeters} tries it first.
 */
class SoftDirtyMeter implements KernelMeter {
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final Path PAGE_MAP = Path.of("/proc/self/pagemap");
    private static final String CLEAR_SOFT_DIRTY = "4";
    private static final long SOFT_DIRTY = 1L << 55;
    private static final long HAS_MEMORY =
            1L << 63 | 1L << 62; // present or swapped: a new mapping marks empty pages, too

    private final MemoryMap map;
    private final Path clear;
    private final FileChannel pageMap;
    private final ByteBuffer entries = ByteBuffer.allocate(64 * 1024).order(ByteOrder.nativeOrder());

    SoftDirtyMeter(MemoryMap map) throws IOException {
        this(map, CLEAR, PAGE_MAP);
    }

    /** With other files than the kernel's. */
    SoftDirtyMeter(MemoryMap map, Path clear, Path pageMap) throws IOException {
        this.map = map;
        this.clear = clear;
        this.pageMap = FileChannel.open(pageMap, StandardOpenOption.READ);
    }

    @Override
    public String method() {
        return "soft-dirty";
    }

    @Override
    public void begin() throws IOException {
        Files.writeString(clear, CLEAR_SOFT_DIRTY, StandardOpenOption.WRITE);
    }

    @Override
    public Map<MappingKind, Long> take() throws IOException {
        Map<MappingKind, Long> pages = new EnumMap<>(MappingKind.class);
        for (Mapping m : map.read()) {
            pages.merge(m.kind(), count(m.start(), m.end()), Long::sum);
        }
        begin(); // what is written between the look and this is missed: some microseconds per look
        return pages;
    }

    /** Pages of a range whose bit is set. */
    long count(long start, long end) throws IOException {
        long dirty = 0;
        for (long page = start / PreCopy.PAGE_BYTES; page < end / PreCopy.PAGE_BYTES; ) {
            entries.clear();
            entries.limit((int) Math.min(entries.capacity(), (end / PreCopy.PAGE_BYTES - page) * Long.BYTES));
            int n = pageMap.read(entries, page * Long.BYTES);
            if (n < Long.BYTES) {
                return dirty;
            }
            for (int at = 0; at + Long.BYTES <= n; at += Long.BYTES, page++) {
                long entry = entries.getLong(at);
                dirty += (entry & SOFT_DIRTY) != 0 && (entry & HAS_MEMORY) != 0 ? 1 : 0;
            }
        }
        return dirty;
    }

    @Override
    public void close() {
        try {
            pageMap.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
