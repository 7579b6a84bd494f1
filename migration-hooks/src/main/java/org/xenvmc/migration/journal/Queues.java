package org.xenvmc.migration.journal;

import java.nio.file.Path;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/** How all of ours open a queue. */
final class Queues {
    /** Files grow by this much; they are sparse. */
    static final int BLOCK_BYTES = 1 << 20;

    static {
        // Chronicle logs through SLF4J; without a backend that would only complain about itself
        if (System.getProperty("slf4j.internal.verbosity") == null) {
            System.setProperty("slf4j.internal.verbosity", "ERROR");
        }
    }

    private Queues() {}

    static SingleChronicleQueueBuilder builder(Path directory, RollCycle rollCycle) {
        return SingleChronicleQueueBuilder.single(directory.toFile())
                .rollCycle(rollCycle)
                .blockSize(BLOCK_BYTES);
    }
}
