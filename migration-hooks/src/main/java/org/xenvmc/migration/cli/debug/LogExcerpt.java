package org.xenvmc.migration.cli.debug;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * The last lines of a log file that speak of the library. The log belongs to a program that may write anything into it, so that
 * all other lines stay where they are.
 */
final class LogExcerpt {
    static final int MOST_LINES = 2_000;
    private static final Pattern OURS = Pattern.compile("xenvmc", Pattern.CASE_INSENSITIVE);
    /** The second line of a record of java.util.logging, and lines of a stack trace of ours. */
    private static final Pattern CONTINUED = Pattern.compile(
            "(SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): .*|\\s+at (org\\.xenvmc|java|jdk|sun)\\..*");

    private static final Pattern SECRET = Pattern.compile(
            "(?i)([\\w.-]*(?:passw|secret|token|credential|authorization|api.?key|private.?key)[\\w.-]*[\"']?\\s*[=:]\\s*)"
                    + "(?:(?:bearer|basic)\\s+)?(\"[^\"]*\"|'[^']*'|\\S+)");

    private LogExcerpt() {}

    static String of(Path file) throws IOException {
        Deque<String> lines = new ArrayDeque<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Files.newInputStream(file),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE)))) {
            boolean ours = false;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                ours = OURS.matcher(line).find()
                        || ours && CONTINUED.matcher(line).matches();
                if (ours) {
                    lines.addLast(redacted(line));
                    if (lines.size() > MOST_LINES) {
                        lines.removeFirst();
                    }
                }
            }
        }
        return lines.isEmpty() ? "no line of it speaks of the library\n" : String.join("\n", lines) + "\n";
    }

    static String redacted(String line) {
        return SECRET.matcher(line).replaceAll("$1(withheld)");
    }
}
