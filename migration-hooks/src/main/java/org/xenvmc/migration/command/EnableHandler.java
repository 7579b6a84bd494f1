package org.xenvmc.migration.command;

import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code enable}: the kill switch is off; connections may use shared memory. */
public final class EnableHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public EnableHandler() {}

    @Override
    public String name() {
        return "enable";
    }

    @Override
    public String handle(TransportEngine engine, String argument) {
        engine.setEnabled(true);
        return new JsonObject().put("enabled", true).toString();
    }
}
