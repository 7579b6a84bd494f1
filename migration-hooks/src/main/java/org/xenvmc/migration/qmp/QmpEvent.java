package org.xenvmc.migration.qmp;

import org.xenvmc.migration.json.JsonObject;

/**
 * What QEMU reports by itself.
 *
 * @param name such as MIGRATION, MIGRATION_PASS, STOP, RESUME, DEVICE_DELETED
 * @param data what belongs to it; without members when nothing does
 * @param timeMs when, in milliseconds since 1970, by QEMU's clock; 0 when it said nothing
 */
public record QmpEvent(String name, JsonObject data, long timeMs) {}
