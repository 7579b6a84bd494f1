package org.xenvmc.migration.command;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.VmcContext;

/** The library's settings among the system properties. */
public final class Settings {
    private static final String PREFIX = "xenvmc.";
    /** In the place of a value that may be anything. */
    static final String WITHHELD = "(not a property of the library; value withheld)";

    private Settings() {}

    /** Names and values; the value only of properties that the library defines, whose values are no secrets. */
    public static JsonObject of(Properties properties) {
        Set<String> known = known();
        Map<String, String> found = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX)) {
                found.put(name, known.contains(name) ? properties.getProperty(name) : WITHHELD);
            }
        }
        JsonObject settings = new JsonObject();
        found.forEach(settings::put);
        return settings;
    }

    private static Set<String> known() {
        Set<String> names = new TreeSet<>();
        for (Field field : VmcContext.class.getFields()) {
            if (field.getName().endsWith("_PROPERTY")) {
                try {
                    names.add((String) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e); // they are public
                }
            }
        }
        return names;
    }
}
