package org.xenvmc.migration.command;

import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code stat}: this VM, who shares its host, what all connections did, and each open one with path and reason. */
public final class StatHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public StatHandler() {}

    @Override
    public String name() {
        return "stat";
    }

    @Override
    public String handle(TransportEngine engine, String argument) {
        return new JsonObject()
                .put("phase", LiveMigrationAssistant.of(engine).phase())
                .put("host", StatusJson.host(engine.hostStatus()))
                .put("totals", StatusJson.totals(engine.statistics()))
                .put(
                        "connections",
                        engine.connections().stream()
                                .map(StatusJson::connection)
                                .toList())
                .toString();
    }
}
