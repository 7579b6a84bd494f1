package org.xenvmc.migration.json;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads one JSON value (RFC 8259). The text may come from anybody: nesting is limited and every error is a
 * JsonException.
 */
final class JsonReader {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;

    JsonReader(String text) {
        this.text = text;
    }

    Object read() throws JsonException {
        Object value = value(0);
        blanks();
        if (at < text.length()) {
            throw wrong("the end");
        }
        return value;
    }

    private Object value(int depth) throws JsonException {
        if (depth > MAX_DEPTH) {
            throw wrong("at most " + MAX_DEPTH + " levels");
        }
        blanks();
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return list(depth);
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private JsonObject object(int depth) throws JsonException {
        JsonObject object = new JsonObject();
        at++;
        blanks();
        if (peek() == '}') {
            at++;
            return object;
        }
        while (true) {
            blanks();
            if (peek() != '"') {
                throw wrong("a name in quotes");
            }
            String name = string();
            blanks();
            expect(':');
            object.putParsed(name, value(depth + 1));
            if (endOf('}')) {
                return object;
            }
        }
    }

    private List<Object> list(int depth) throws JsonException {
        List<Object> list = new ArrayList<>();
        at++;
        blanks();
        if (peek() == ']') {
            at++;
            return list;
        }
        while (true) {
            list.add(value(depth + 1));
            if (endOf(']')) {
                return list;
            }
        }
    }

    /** After an item: true at the end, false after a comma. */
    private boolean endOf(char end) throws JsonException {
        blanks();
        char c = peek();
        if (c != ',' && c != end) {
            throw wrong("',' or '" + end + "'");
        }
        at++;
        return c == end;
    }

    private String string() throws JsonException {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            char c = peek();
            at++;
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                at--;
                throw wrong("no control character in a text");
            }
            out.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws JsonException {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong("an escape sequence");
        };
    }

    private char unicode() throws JsonException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("four hexadecimal digits");
            }
            code = code << 4 | digit;
            at++;
        }
        return (char) code;
    }

    private Object word(String word, Object value) throws JsonException {
        if (!text.startsWith(word, at)) {
            throw wrong("'" + word + "'");
        }
        at += word.length();
        return value;
    }

    private Number number() throws JsonException {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        try {
            if (digits.matches("-?(0|[1-9][0-9]*)")) {
                return Long.valueOf(digits);
            }
            if (digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
                return Double.valueOf(digits);
            }
        } catch (NumberFormatException e) {
            throw new JsonException("position " + start + ": " + digits + " is too large");
        }
        at = start;
        throw wrong("a value");
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) throws JsonException {
        if (peek() != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private char peek() throws JsonException {
        if (at >= text.length()) {
            throw new JsonException("the JSON text ends too early, at position " + at);
        }
        return text.charAt(at);
    }

    private JsonException wrong(String expected) {
        String rest = at < text.length() ? "'" + JsonWriter.shorten(text.substring(at)) + "'" : "the end";
        return new JsonException("position " + at + ": expected " + expected + ", found " + rest);
    }
}
