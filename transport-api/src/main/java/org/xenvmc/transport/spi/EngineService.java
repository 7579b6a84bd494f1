package org.xenvmc.transport.spi;

import java.io.IOException;

/** Watches for news of migrations on behalf of an engine. Found with {@link java.util.ServiceLoader}. */
public interface EngineService {
    /**
     * Starts what the configuration names.
     *
     * @param sources value of {@link org.xenvmc.transport.VmcContext#MIGRATION_SOURCES_PROPERTY}, not blank
     * @throws IllegalArgumentException when it cannot be read
     * @throws IOException when a source cannot be started
     */
    void start(TransportEngine engine, String sources) throws IOException;
}
