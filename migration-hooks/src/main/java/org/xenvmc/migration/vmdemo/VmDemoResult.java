package org.xenvmc.migration.vmdemo;

import java.util.List;
import org.xenvmc.migration.json.JsonObject;

/**
 * What came out.
 *
 * @param plan what was to be shown
 * @param guests accelerator and network of the guests, for people
 * @param timeline what was seen
 * @param migrations reports of the migrations
 * @param comparedBytes bytes that arrived and were compared, both directions together
 * @param problems what is not as it should be; empty when all is well
 */
record VmDemoResult(
        VmDemoPlan plan,
        String guests,
        Timeline timeline,
        List<JsonObject> migrations,
        long comparedBytes,
        List<String> problems) {

    JsonObject toJson() {
        return new JsonObject()
                .put("guests", guests)
                .put("order", plan.order())
                .put("bytesPerSecond", plan.bytesPerSecond())
                .put("comparedBytes", comparedBytes)
                .put("problems", problems)
                .put("migrations", migrations)
                .put("timeline", timeline.toJson());
    }
}
