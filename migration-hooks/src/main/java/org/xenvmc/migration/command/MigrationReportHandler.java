package org.xenvmc.migration.command;

import java.util.Optional;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.RelocationReport;
import org.xenvmc.migration.Relocator;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code migration-report}: how a move went. Argument: {@code id}; without it, the move that was started last. */
public final class MigrationReportHandler implements CommandHandler {
    /** For {@link java.util.ServiceLoader}. */
    public MigrationReportHandler() {}

    @Override
    public String name() {
        return "migration-report";
    }

    @Override
    public String handle(TransportEngine engine, String argument) throws JsonException {
        String id = Arguments.parse(name(), argument).text("id", "");
        Relocator relocator = LiveMigrationAssistant.of(engine).relocator();
        Optional<RelocationReport> report = id.isEmpty() ? relocator.latest() : relocator.report(id);
        return report.map(r -> StatusJson.relocation(r).toString())
                .orElseThrow(() -> new IllegalArgumentException(
                        id.isEmpty() ? "this VM was not moved yet" : "this VM knows of no migration " + id));
    }
}
