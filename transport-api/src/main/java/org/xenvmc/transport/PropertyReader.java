package org.xenvmc.transport;

import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Reads values of properties and says which one is wrong. */
final class PropertyReader {
    private final Properties properties;

    PropertyReader(Properties properties) {
        this.properties = properties;
    }

    void text(String name, Consumer<String> sink) {
        String value = properties.getProperty(name);
        if (value != null) {
            sink.accept(value.trim());
        }
    }

    void size(String name, LongConsumer sink) {
        text(name, v -> sink.accept(size(name, v)));
    }

    boolean bool(String name, String value) {
        if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(value);
        }
        throw new IllegalArgumentException(name + "=" + value + " is neither true nor false");
    }

    <E extends Enum<E>> E choice(String name, String value, Class<E> type) {
        for (E e : type.getEnumConstants()) {
            if (e.name().equalsIgnoreCase(value)) {
                return e;
            }
        }
        throw new IllegalArgumentException(name + "=" + value + " is none of "
                + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT));
    }

    private static long size(String name, String value) {
        String v = value.toLowerCase(Locale.ROOT);
        int shift = v.endsWith("k") ? 10 : v.endsWith("m") ? 20 : v.endsWith("g") ? 30 : 0;
        String digits = shift == 0 ? v : v.substring(0, v.length() - 1);
        try {
            return Math.multiplyExact(Long.parseLong(digits), 1L << shift);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(name + "=" + value + " is not a number (suffixes k, m, g)", e);
        }
    }
}
