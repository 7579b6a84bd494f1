package org.xenvmc.migration.command;

import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * {@code accepts}: what this VM would answer to an offer for a connection that it accepted. Arguments: {@code local}, its own
 * end, and {@code remote}, each an address and a port; port 0 for one that is not known.
 */
public final class AcceptsHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public AcceptsHandler() {}

    @Override
    public String name() {
        return "accepts";
    }

    @Override
    public String handle(TransportEngine engine, String argument) throws JsonException {
        Arguments a = Arguments.parse(name(), argument);
        return new JsonObject()
                .put("obstacle", engine.obstacle(Addresses.parse(a.text("local")), Addresses.parse(a.text("remote"))))
                .toString();
    }
}
