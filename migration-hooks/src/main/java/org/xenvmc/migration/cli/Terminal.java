package org.xenvmc.migration.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks at the output while it is written. */
public final class Terminal {
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K";
    private static final String END_OF_SCREEN = "\u001b[J";

    private Terminal() {}

    /** Whether standard output is a terminal that knows control sequences. */
    public static boolean isInteractive() {
        String kind = System.getenv("TERM");
        if (kind == null || kind.isEmpty() || kind.equals("dumb")) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(STANDARD_OUTPUT).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null; // not Linux
        }
    }

    /** Text, and what makes a terminal show it in the place of all that is on the screen, without flickering. */
    static String instead(String text) {
        return HOME + text.replace("\n", END_OF_LINE + "\n") + END_OF_SCREEN;
    }
}
