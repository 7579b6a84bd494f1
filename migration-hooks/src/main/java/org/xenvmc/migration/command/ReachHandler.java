package org.xenvmc.migration.command;

import java.net.InetSocketAddress;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * {@code reach}: whom this VM would ask for the other end of a connection to an address, and what keeps it from that.
 * Argument: {@code remote}, an address and a port.
 */
public final class ReachHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public ReachHandler() {}

    @Override
    public String name() {
        return "reach";
    }

    @Override
    public String handle(TransportEngine engine, String argument) throws JsonException {
        InetSocketAddress remote =
                Addresses.parse(Arguments.parse(name(), argument).text("remote"));
        InetSocketAddress local = Addresses.localTowards(remote);
        return new JsonObject()
                .put("local", Addresses.text(local))
                .put("obstacle", engine.obstacle(local, remote))
                .put("isHere", Addresses.isHere(remote.getAddress()))
                .put(
                        "candidates",
                        engine.candidates(remote).stream()
                                .map(ReachHandler::json)
                                .toList())
                .toString();
    }

    private static JsonObject json(Candidate c) {
        return StatusJson.vm(c.vm()).put("reach", c.reach());
    }
}
