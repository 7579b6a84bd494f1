package org.xenvmc.migration.hook;

import java.io.IOException;
import java.util.List;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.transport.spi.EngineService;
import org.xenvmc.transport.spi.TransportEngine;

/** Starts the sources of a VM's configuration with its engine, and ends them with it. */
public final class SourcesService implements EngineService {
    /** For {@link java.util.ServiceLoader}. */
    public SourcesService() {}

    @Override
    public void start(TransportEngine engine, String sources) throws IOException {
        List<MigrationSource> started = MigrationSources.start(
                sources, LiveMigrationAssistant.of(engine).hook());
        engine.whenClosed(() -> started.forEach(MigrationSource::close));
    }
}
