package org.xenvmc.migration.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The writable mappings of this process, as {@code /proc/self/maps} lists them. */
class MemoryMap {
    private static final Path SELF = Path.of("/proc/self/maps");
    private static final Pattern LINE =
            Pattern.compile("([0-9a-f]{1,15})-([0-9a-f]{1,15}) .w.([sp]) [0-9a-f]+ [0-9a-f:]+ \\d+ *(.*)");

    /** Where ZGC keeps the heap. */
    private static final String HEAP_FILE = "/memfd:java_heap";

    /**
     * A mapping.
     *
     * @param start address of its first byte
     * @param end address after its last byte
     * @param kind what it is for
     */
    record Mapping(long start, long end, MappingKind kind) {}

    private final HeapRange heap;
    private final String sharedDirectory;

    /**
     * Knows what is what.
     *
     * @param heap where the heap is, or null when that is not known
     * @param sharedDirectory directory whose files are the host's shared memory, or null
     */
    MemoryMap(HeapRange heap, String sharedDirectory) {
        this.heap = heap;
        this.sharedDirectory = sharedDirectory == null ? null : sharedDirectory + "/";
    }

    List<Mapping> read() throws IOException {
        return parse(Files.readAllLines(SELF));
    }

    List<Mapping> parse(List<String> lines) {
        List<Mapping> found = new ArrayList<>();
        for (String line : lines) {
            Matcher m = LINE.matcher(line);
            if (m.matches() && !m.group(4).startsWith("[v")) { // vvar, vsyscall: the kernel's own
                long start = Long.parseLong(m.group(1), 16);
                found.add(new Mapping(start, Long.parseLong(m.group(2), 16), kind(start, m.group(4))));
            }
        }
        return found;
    }

    private MappingKind kind(long start, String name) {
        if (sharedDirectory != null && name.startsWith(sharedDirectory)) {
            return MappingKind.SHARED_MEMORY;
        }
        boolean inHeap = heap != null && heap.contains(start) || name.startsWith(HEAP_FILE);
        return inHeap ? MappingKind.HEAP : MappingKind.REST;
    }
}
