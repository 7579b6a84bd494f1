package org.xenvmc.migration.hook;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.MigrationHook;

/**
 * The sources that a configuration names: a list with commas of {@code control[:DEVICE]}, {@code socket:DIRECTORY}, {@code
 * google[:URL]}, {@code azure[:URL]}, {@code identity:FILE}.
 */
public final class MigrationSources {
    private static final String KNOWN = "control[:DEVICE], socket:DIRECTORY, google[:URL], azure[:URL], identity:FILE";

    private MigrationSources() {}

    /**
     * Starts all of them; none when one of them cannot be.
     *
     * @throws IllegalArgumentException naming what is not a source
     * @throws IOException when one of them cannot be started
     */
    public static List<MigrationSource> start(String specification, MigrationHook hook) throws IOException {
        List<MigrationSource> started = new ArrayList<>();
        try {
            for (String word : specification.split(",")) {
                if (!word.isBlank()) {
                    started.add(startOne(word.strip(), hook));
                }
            }
            return started;
        } catch (IOException | RuntimeException e) {
            started.forEach(MigrationSource::close);
            throw e;
        }
    }

    private static MigrationSource startOne(String word, MigrationHook hook) throws IOException {
        int colon = word.indexOf(':');
        String kind = colon < 0 ? word : word.substring(0, colon);
        String argument = colon < 0 ? "" : word.substring(colon + 1);
        boolean needsArgument = kind.equals("socket") || kind.equals("identity");
        if (needsArgument && argument.isEmpty()) {
            throw new IllegalArgumentException("'" + word + "' lacks its path; known are " + KNOWN);
        }
        return switch (kind) {
            case "control" -> ControlPort.watch(argument.isEmpty() ? null : Path.of(argument), hook);
            case "socket" ->
                ControlSocket.listen(
                        Path.of(argument),
                        String.valueOf(ProcessHandle.current().pid()),
                        hook);
            case "google" -> GoogleMaintenance.watch(argument.isEmpty() ? GoogleMaintenance.SERVER : argument, hook);
            case "azure" ->
                AzureScheduledEvents.watch(argument.isEmpty() ? AzureScheduledEvents.SERVER : argument, hook);
            case "identity" -> IdentityWatch.watch(Path.of(argument), hook);
            default -> throw new IllegalArgumentException("'" + word + "' is no source; known are " + KNOWN);
        };
    }
}
