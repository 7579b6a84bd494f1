package org.xenvmc.shm.file;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.shm.syscall.MappedRegion;

/**
 * Address ranges of entries that were detached: they are given back when the garbage collector has found that no thread
 * can use them any more. Looked at whenever another entry is mapped, so that no thread is needed.
 */
final class RetiredRegions {
    private static final ReferenceQueue<VmEntry> UNREACHABLE = new ReferenceQueue<>();
    private static final Set<Retired> RETIRED = ConcurrentHashMap.newKeySet();

    private RetiredRegions() {}

    private static final class Retired extends PhantomReference<VmEntry> {
        private final long address;
        private final int bytes;

        Retired(VmEntry entry, MappedRegion region) {
            super(entry, UNREACHABLE);
            this.address = region.address();
            this.bytes = region.bytes();
        }
    }

    static void add(VmEntry entry, MappedRegion region) {
        RETIRED.add(new Retired(entry, region));
    }

    static void giveBack() {
        for (Object r = UNREACHABLE.poll(); r != null; r = UNREACHABLE.poll()) {
            Retired retired = (Retired) r;
            RETIRED.remove(retired);
            MappedRegion.unmap(retired.address, retired.bytes);
        }
    }
}
