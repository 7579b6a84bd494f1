package org.xenvmc.migration.command;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.xenvmc.migration.LiveMigrationAssistant;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * {@code migrate}: moves this VM to another host. The question came over the host that is about to be left, so the
 * answer only says that the move begins; how it went is asked on the new host with {@link MigrationReportHandler}.
 *
 * <p>Argument: {@code to} (host directory), {@code mode} (keep or early), {@code id} (names the move), {@code
 * precopyMs} (length of phase two), {@code limitMs} (how long leaving may take).
 */
public final class MigrateHandler implements CommandHandler {
    /**
     * The answer has to get out before the VM leaves; an asker who missed it finds the move's report on the new host.
     */
    private static final Duration ANSWER_TIME = Duration.ofMillis(20);

    private static final long MAX_LIMIT_MS = 3_600_000;

    /** For {@link java.util.ServiceLoader}. */
    public MigrateHandler() {}

    @Override
    public String name() {
        return "migrate";
    }

    @Override
    public String handle(TransportEngine engine, String argument) throws JsonException {
        Arguments arguments = Arguments.parse(name(), argument);
        String to = arguments.text("to");
        String from = engine.hostStatus().host();
        if (to.equals(from)) {
            throw new IllegalArgumentException("this VM is on " + to + " already");
        }
        MigrationNotice notice = new MigrationNotice(
                arguments.text("id", UUID.randomUUID().toString()),
                to,
                mode(arguments.text("mode", "keep")),
                Duration.ofMillis(
                        arguments.number("limitMs", MigrationNotice.DEFAULT_LIMIT.toMillis(), 1, MAX_LIMIT_MS)));
        long preCopyMs = arguments.number("precopyMs", 0, 0, MAX_LIMIT_MS);
        LiveMigrationAssistant.of(engine).relocator().start(notice, from, ANSWER_TIME, Duration.ofMillis(preCopyMs));
        return new JsonObject().put("accepted", true).put("id", notice.id()).toString();
    }

    private static MigrationMode mode(String name) {
        try {
            return MigrationMode.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "mode '" + name + "' is not one of " + Arrays.toString(MigrationMode.values()), e);
        }
    }
}
