package org.xenvmc.migration.cli;

import org.xenvmc.migration.MigrationMode;
import picocli.CommandLine.Option;

/** The option that says when a guest that is migrated leaves shared memory. */
public final class OrderOption {
    @Option(
            names = "--order",
            paramLabel = "early|keep",
            description = "early (default): over TCP before memory is copied. keep: on shared memory until little"
                    + " remains to be copied.")
    private MigrationMode order = MigrationMode.EARLY;

    /** Made by picocli. */
    public OrderOption() {}

    /** What was asked for. */
    public MigrationMode value() {
        return order;
    }
}
