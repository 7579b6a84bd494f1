package org.xenvmc.migration.cost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xenvmc.migration.cost.MemoryMap.Mapping;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.shm.syscall.WriteWatch;

/** With PAGEMAP_SCAN. A mapping that was made since the last look counts with all that it holds. */
final class PageScanMeter implements KernelMeter {
    private final MemoryMap map;
    private final WriteWatch watch;
    private final Set<MappingKind> unknown = EnumSet.noneOf(MappingKind.class);
    private List<Mapping> watched = new ArrayList<>();

    PageScanMeter(MemoryMap map) throws IOException {
        this.map = map;
        this.watch = WriteWatch.open();
    }

    @Override
    public String method() {
        return "PAGEMAP_SCAN";
    }

    @Override
    public void begin() throws IOException {
        take();
    }

    @Override
    public Map<MappingKind, Long> take() throws IOException {
        Map<MappingKind, Long> pages = new EnumMap<>(MappingKind.class);
        List<Mapping> now = new ArrayList<>();
        for (Mapping m : map.read()) {
            try {
                pages.merge(m.kind(), isWatched(m) ? watch.takeWritten(m.start(), m.end()) : add(m), Long::sum);
                now.add(m);
            } catch (SyscallException e) {
                forgive(m, e);
            }
        }
        watched = now;
        unknown.forEach(pages::remove);
        return pages;
    }

    private long add(Mapping m) throws SyscallException {
        long present = watch.countPresent(m.start(), m.end());
        watch.add(m.start(), m.end());
        return present;
    }

    /** A mapping that is watched may have been cut since, or grown together with another. */
    private boolean isWatched(Mapping m) {
        long at = m.start();
        for (Mapping w : watched) { // in the order of addresses
            if (w.start() <= at && w.end() > at) {
                at = w.end();
            }
        }
        return at >= m.end();
    }

    /** What has gone meanwhile is not missing; what cannot be watched makes its kind unknown. */
    private void forgive(Mapping m, SyscallException e) throws IOException {
        boolean gone = e.errno() == Errno.ENOMEM || !map.read().contains(m);
        if (!gone) {
            unknown.add(m.kind());
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
