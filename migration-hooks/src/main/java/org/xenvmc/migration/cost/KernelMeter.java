package org.xenvmc.migration.cost;

import java.io.IOException;
import java.util.Map;

/** Counts the pages of this process that are written, as the kernel sees it. Used by one thread at a time. */
interface KernelMeter extends AutoCloseable {
    /** What the kernel's help is called. */
    String method();

    /** Begins to count, or begins anew. */
    void begin() throws IOException;

    /**
     * Pages written since the beginning or the last look, by kind of mapping; begins anew. A kind of which nothing can
     * be counted is missing: never 0 for "unknown".
     */
    Map<MappingKind, Long> take() throws IOException;

    /** Counts no more. */
    @Override
    void close();
}
