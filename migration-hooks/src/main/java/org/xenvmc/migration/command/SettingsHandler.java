package org.xenvmc.migration.command;

import java.time.Instant;
import java.util.Optional;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code settings}: which Java this VM runs on, since when, and its settings. Nothing of the program that it runs. */
public final class SettingsHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public SettingsHandler() {}

    @Override
    public String name() {
        return "settings";
    }

    @Override
    public String handle(TransportEngine engine, String argument) {
        Optional<Instant> started = ProcessHandle.current().info().startInstant();
        return new JsonObject()
                .put("java", System.getProperty("java.vm.name") + " " + Runtime.version())
                .put("javaVendor", System.getProperty("java.vendor"))
                .put("started", started.map(Instant::toString).orElse(null))
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("maxHeapBytes", Runtime.getRuntime().maxMemory())
                .put("properties", Settings.of(System.getProperties()))
                .toString();
    }
}
