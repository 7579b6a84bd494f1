package org.xenvmc.migration.vmdemo;

import java.util.Map;

/**
 * Something that happened in a migration.
 *
 * @param seconds when it was done, since the beginning of the timeline
 * @param name for people
 * @param ms how long it took; 0 where that is not known
 */
record Mark(double seconds, String name, double ms) {
    /** Steps of a migration that are worth a mark, and what they are called in the picture. */
    private static final Map<String, String> NAMES = Map.of(
            "prepare", "prepare",
            "finish", "drained",
            "detach", "unplugged",
            "migrate", "pre-copy",
            "continue", "switch-over",
            "completed", "arrived",
            "attach", "plugged",
            "resumed", "resumed",
            "failed", "failed",
            "aborted", "aborted");

    /** The name of a step in the picture, or null. */
    static String name(String step) {
        return NAMES.get(step);
    }
}
