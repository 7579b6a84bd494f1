package org.xenvmc.migration.command;

import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/** A command's argument: a JSON object, or words of the form {@code key=value} (all texts), or nothing. */
final class Arguments {
    private final String command;
    private final JsonObject values;

    private Arguments(String command, JsonObject values) {
        this.command = command;
        this.values = values;
    }

    static Arguments parse(String command, String text) throws JsonException {
        String trimmed = text == null ? "" : text.trim();
        if (trimmed.startsWith("{")) {
            return new Arguments(command, JsonObject.parse(trimmed));
        }
        JsonObject values = new JsonObject();
        for (String word : trimmed.split("\\s+")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (!word.isEmpty()) {
                throw new IllegalArgumentException(command + ": '" + word + "' is not of the form key=value");
            }
        }
        return new Arguments(command, values);
    }

    /** A text that has to be there. */
    String text(String key) throws JsonException {
        if (!values.has(key)) {
            throw new IllegalArgumentException(command + ": '" + key + "' is missing");
        }
        return values.text(key);
    }

    String text(String key, String otherwise) throws JsonException {
        return values.text(key, otherwise);
    }

    /** A whole number, written as a number or as a text. */
    long number(String key, long otherwise, long min, long max) throws JsonException {
        if (!values.has(key)) {
            return otherwise;
        }
        long number = number(key);
        if (number < min || number > max) {
            throw new IllegalArgumentException(
                    command + ": " + key + "=" + number + " is not between " + min + " and " + max);
        }
        return number;
    }

    private long number(String key) throws JsonException {
        try {
            return values.number(key);
        } catch (JsonException e) {
            String text = values.text(key);
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException f) {
                throw new IllegalArgumentException(command + ": " + key + "=" + text + " is not a whole number", f);
            }
        }
    }
}
