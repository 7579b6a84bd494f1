package programs;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A command or an answer: a line {@code name key=value key=value}, values percent-encoded. */
public record Arguments(String name, Map<String, String> fields) {
    static Arguments parse(String line) {
        String[] parts = line.trim().split(" ");
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            fields.put(
                    parts[i].substring(0, equals),
                    URLDecoder.decode(parts[i].substring(equals + 1), StandardCharsets.UTF_8));
        }
        return new Arguments(parts[0], fields);
    }

    /** A field that has to be there. */
    public String text(String key) {
        String value = fields.get(key);
        if (value == null) {
            throw new IllegalArgumentException(name + " lacks " + key);
        }
        return value;
    }

    /** A number that has to be there. */
    public long number(String key) {
        return Long.parseLong(text(key));
    }

    /** A number, or what to take otherwise. */
    public long number(String key, long otherwise) {
        return fields.containsKey(key) ? number(key) : otherwise;
    }

    String encode() {
        StringBuilder line = new StringBuilder(name);
        fields.forEach(
                (k, v) -> line.append(' ').append(k).append('=').append(URLEncoder.encode(v, StandardCharsets.UTF_8)));
        return line.toString();
    }
}
