package org.xenvmc.migration.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.xenvmc.migration.cost.DirtyModel;
import org.xenvmc.migration.cost.DirtyReport;
import org.xenvmc.migration.cost.MappingKind;
import org.xenvmc.migration.cost.PreCopy;

/** The machines that a measured VM could be. */
final class CostScenarios {
    private CostScenarios() {}

    /**
     * Models by name; null where the kernel could not count.
     *
     * @param receivePages pages into which data is received, again and again
     */
    static Map<String, DirtyModel> of(DirtyReport report, long receivePages) {
        Map<String, DirtyModel> models = new LinkedHashMap<>();
        models.put("idle", DirtyModel.idle());
        models.put("as it is", report.writtenModel(MappingKind.HEAP, MappingKind.REST));
        models.put("as it is, shared memory sent too", report.writtenModel(MappingKind.values()));
        long pagesPerSecond = (long) Math.ceil(report.receivedBytesPerSecond() / PreCopy.PAGE_BYTES);
        models.put("only what it receives, at most", DirtyModel.workingSet(receivePages, pagesPerSecond));
        return models;
    }
}
