package org.xenvmc.migration.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;

/** Turns JSON values into text. */
final class JsonWriter {
    private static final MathContext DIGITS = new MathContext(9);
    private static final int SHORT_CHARS = 200;

    private final StringBuilder out = new StringBuilder();
    private final boolean indented;

    private JsonWriter(boolean indented) {
        this.indented = indented;
    }

    static String compact(Object value) {
        return new JsonWriter(false).value(value, 0).out.toString();
    }

    static String indented(Object value) {
        return new JsonWriter(true).value(value, 0).out.append('\n').toString();
    }

    static String shorten(String text) {
        return text.length() <= SHORT_CHARS ? text : text.substring(0, SHORT_CHARS) + "...";
    }

    private JsonWriter value(Object value, int depth) {
        if (value instanceof JsonObject object) {
            object(object, depth);
        } else if (value instanceof List<?> list) {
            list(list, depth);
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof Double number) {
            number(number);
        } else {
            out.append(value);
        }
        return this;
    }

    private void object(JsonObject object, int depth) {
        boolean lines = indented && object.members().values().stream().anyMatch(JsonWriter::isNested);
        String separator = "";
        out.append('{');
        for (Map.Entry<String, Object> member : object.members().entrySet()) {
            out.append(separator);
            newLine(lines, depth + 1);
            text(member.getKey());
            out.append(indented ? ": " : ":");
            value(member.getValue(), depth + 1);
            separator = lines || !indented ? "," : ", ";
        }
        newLine(lines, depth);
        out.append('}');
    }

    private void list(List<?> list, int depth) {
        boolean lines = indented && list.stream().anyMatch(JsonWriter::isNested);
        String separator = "";
        out.append('[');
        for (Object item : list) {
            out.append(separator);
            newLine(lines, depth + 1);
            value(item, depth + 1);
            separator = lines || !indented ? "," : ", ";
        }
        newLine(lines, depth);
        out.append(']');
    }

    private static boolean isNested(Object value) {
        return value instanceof JsonObject || value instanceof List<?> list && !list.isEmpty();
    }

    private void newLine(boolean wanted, int depth) {
        if (wanted) {
            out.append('\n').append("  ".repeat(depth));
        }
    }

    /** JSON has no infinity and no NaN. */
    private void number(double value) {
        out.append(
                Double.isFinite(value)
                        ? new BigDecimal(value)
                                .round(DIGITS)
                                .stripTrailingZeros()
                                .toPlainString()
                        : "null");
    }

    private void text(String value) {
        out.append('"');
        value.chars().forEach(c -> character((char) c));
        out.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < ' ' || Character.isSurrogate(c)) {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
        }
    }
}
