package org.xenvmc.migration.agent;

import java.nio.file.Path;

/** Where things are when nobody says otherwise. */
final class Places {
    private static final Path OWN = Path.of(System.getProperty("user.home"), ".xenvmc");

    private Places() {}

    static Path journal(Path given) {
        return given == null ? OWN.resolve("journal") : given.toAbsolutePath();
    }

    static Path guests(Path given) {
        return given == null ? OWN.resolve("guests") : given.toAbsolutePath();
    }
}
