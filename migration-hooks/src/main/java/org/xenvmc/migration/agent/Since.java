package org.xenvmc.migration.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads points in time as people give them. */
final class Since {
    private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

    private Since() {}

    /**
     * A time such as 2026-01-31T12:00:00Z, or how long ago: 90s, 10m, 2h, 1d.
     *
     * @throws IllegalArgumentException when it is neither
     */
    static Instant parse(String text, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long count = Long.parseLong(ago.group(1));
            return now.minus(
                    switch (ago.group(2)) {
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        default -> Duration.ofDays(count);
                    });
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is neither a time, such as 2026-01-31T12:00:00Z, nor one such as 90s, 10m, 2h, 1d",
                    e);
        }
    }
}
