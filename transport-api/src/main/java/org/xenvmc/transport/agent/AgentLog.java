package org.xenvmc.transport.agent;

import java.util.Locale;

/**
 * Writes to the standard error stream. A logger cannot be used before {@code main}: asking for one decides which logging system
 * the program has, and some programs decide that in {@code main}.
 */
final class AgentLog {
    private AgentLog() {}

    static void info(String line) {
        if (level().equals("info")) {
            System.err.println("xenvmc: " + line);
        }
    }

    static void warning(String line) {
        if (!level().equals("off")) {
            System.err.println("xenvmc: WARNING: " + line);
        }
    }

    private static String level() {
        try {
            return System.getProperty(AgentOptions.LOG, "info").trim().toLowerCase(Locale.ROOT);
        } catch (SecurityException e) {
            return "info"; // a SecurityManager does not let us look
        }
    }
}
