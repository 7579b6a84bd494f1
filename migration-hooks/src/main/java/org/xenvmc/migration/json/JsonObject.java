package org.xenvmc.migration.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON object whose members keep their order. Values are {@link JsonObject}, {@link List}, {@link String}, {@link
 * Long}, {@link Double}, {@link Boolean} or null. Not thread-safe.
 */
public final class JsonObject {
    private final Map<String, Object> members = new LinkedHashMap<>();

    /** An object without members. */
    public JsonObject() {}

    /** Reads an object. */
    public static JsonObject parse(String text) throws JsonException {
        Object value = new JsonReader(text).read();
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new JsonException("expected a JSON object, found " + JsonWriter.shorten(text));
    }

    /**
     * Sets a member.
     *
     * @param value of one of the types above, or any other number, an enum, or a collection of such values
     * @return this
     */
    public JsonObject put(String name, Object value) {
        members.put(name, plain(value));
        return this;
    }

    private static Object plain(Object value) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof JsonObject) {
            return value;
        }
        if (value instanceof Double || value instanceof Float) {
            return ((Number) value).doubleValue();
        }
        if (value instanceof Number number) {
            return number.longValue();
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof Collection<?> collection) {
            return collection.stream().map(JsonObject::plain).toList();
        }
        throw new IllegalArgumentException("no JSON for " + value.getClass());
    }

    void putParsed(String name, Object value) {
        members.put(name, value);
    }

    Map<String, Object> members() {
        return Collections.unmodifiableMap(members);
    }

    /** Names of the members, in their order. */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    /** Whether the member is there and not null. */
    public boolean has(String name) {
        return members.get(name) != null;
    }

    /** A text. */
    public String text(String name) throws JsonException {
        return get(name, String.class, "a text");
    }

    /** A text, or something else when there is none. */
    public String text(String name, String otherwise) throws JsonException {
        return has(name) ? text(name) : otherwise;
    }

    /** A whole number. */
    public long number(String name) throws JsonException {
        return get(name, Long.class, "a whole number");
    }

    /** A number. */
    public double decimal(String name) throws JsonException {
        return get(name, Number.class, "a number").doubleValue();
    }

    /** True or false. */
    public boolean flag(String name) throws JsonException {
        return get(name, Boolean.class, "true or false");
    }

    /** An object. */
    public JsonObject object(String name) throws JsonException {
        return get(name, JsonObject.class, "an object");
    }

    /** A list of objects. */
    public List<JsonObject> objects(String name) throws JsonException {
        return list(name, JsonObject.class, "a list of objects");
    }

    /** A list of texts. */
    public List<String> texts(String name) throws JsonException {
        return list(name, String.class, "a list of texts");
    }

    /** A list of whole numbers. */
    public List<Long> numbers(String name) throws JsonException {
        return list(name, Long.class, "a list of whole numbers");
    }

    private <T> List<T> list(String name, Class<T> type, String expected) throws JsonException {
        List<T> items = new ArrayList<>();
        for (Object item : get(name, List.class, expected)) {
            if (!type.isInstance(item)) {
                throw wrong(name, expected);
            }
            items.add(type.cast(item));
        }
        return items;
    }

    private <T> T get(String name, Class<T> type, String expected) throws JsonException {
        Object value = members.get(name);
        if (!type.isInstance(value)) {
            throw wrong(name, expected);
        }
        return type.cast(value);
    }

    private JsonException wrong(String name, String expected) {
        return new JsonException(
                "expected " + expected + " as member '" + name + "' of " + JsonWriter.shorten(toString()));
    }

    /** The object as one line. */
    @Override
    public String toString() {
        return JsonWriter.compact(this);
    }

    /** The object with one member per line, for people and files. */
    public String toIndentedText() {
        return JsonWriter.indented(this);
    }
}
