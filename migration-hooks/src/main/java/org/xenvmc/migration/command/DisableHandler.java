package org.xenvmc.migration.command;

import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code disable}: the kill switch is on; every connection goes over TCP. */
public final class DisableHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public DisableHandler() {}

    @Override
    public String name() {
        return "disable";
    }

    @Override
    public String handle(TransportEngine engine, String argument) {
        engine.setEnabled(false);
        return new JsonObject().put("enabled", false).toString();
    }
}
