package org.xenvmc.bench.protocol;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line between the driver and a worker process: a name and fields, {@code name key=value key=value}. Values are
 * percent-encoded, so that they may hold anything.
 */
public final class Message {
    /** What answers begin with: a JVM prints lines of its own to standard output, too. */
    public static final String ANSWER_MARK = "> ";
    /** Name of the answer that says that a command was carried out. */
    public static final String OK = "ok";
    /** Name of the answer that says that it was not; its field {@link #REASON} says why. */
    public static final String ERROR = "error";
    /** Field of {@link #ERROR}. */
    public static final String REASON = "reason";

    private final String name;
    private final Map<String, String> fields = new LinkedHashMap<>();

    private Message(String name) {
        this.name = name;
    }

    /** A message without fields. */
    public static Message of(String name) {
        return new Message(name);
    }

    /** A positive answer without fields. */
    public static Message ok() {
        return new Message(OK);
    }

    /** Sets a field. */
    public Message with(String key, Object value) {
        fields.put(key, String.valueOf(value));
        return this;
    }

    /** Sets many fields. */
    public Message withAll(Map<String, String> more) {
        fields.putAll(more);
        return this;
    }

    /** Name of the command or answer. */
    public String name() {
        return name;
    }

    /** All fields. */
    public Map<String, String> fields() {
        return Collections.unmodifiableMap(fields);
    }

    /**
     * A field.
     *
     * @throws IllegalArgumentException when it is absent
     */
    public String text(String key) {
        String value = fields.get(key);
        if (value == null) {
            throw new IllegalArgumentException("message '" + name + "' lacks the field '" + key + "'");
        }
        return value;
    }

    /** A field, or the default when it is absent. */
    public String text(String key, String otherwise) {
        return fields.getOrDefault(key, otherwise);
    }

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException when it is absent or no number
     */
    public long number(String key) {
        String value = text(key);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "message '" + name + "': field '" + key + "' is no whole number: " + value, e);
        }
    }

    /** The line, without its end. */
    public String encode() {
        StringBuilder line = new StringBuilder(name);
        fields.forEach(
                (k, v) -> line.append(' ').append(k).append('=').append(URLEncoder.encode(v, StandardCharsets.UTF_8)));
        return line.toString();
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException quoting what cannot be read
     */
    public static Message decode(String line) {
        String[] parts = line.trim().split(" ");
        if (parts[0].isEmpty() || parts[0].contains("=")) {
            throw new IllegalArgumentException("no message: '" + line + "'");
        }
        Message message = new Message(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + parts[i] + "' is not key=value in '" + line + "'");
            }
            String value = URLDecoder.decode(parts[i].substring(equals + 1), StandardCharsets.UTF_8);
            message.fields.put(parts[i].substring(0, equals), value);
        }
        return message;
    }

    @Override
    public String toString() {
        return encode();
    }
}
