package org.xenvmc.transport.agent;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.xenvmc.transport.VmcContext;

/**
 * Options of the agent: {@code key=value,key=value} behind the {@code =} of {@code -javaagent}, named as the system properties
 * without {@code xenvmc.}. A part without {@code =} belongs to the value before it, so that rules can be listed.
 */
final class AgentOptions {
    static final String PREFIX = "xenvmc.";
    /** Whether the selector provider is installed. */
    static final String CHANNELS = "xenvmc.agent.channels";
    /** Whether the provider of asynchronous channels is installed. */
    static final String ASYNC = "xenvmc.agent.async";
    /** Whether {@code java.net} sockets are ours. */
    static final String SOCKETS = "xenvmc.agent.sockets";
    /** Whether Netty is made to take NIO. */
    static final String NETTY = "xenvmc.agent.netty";
    /** What the agent writes: {@code info}, {@code warning} or {@code off}. */
    static final String LOG = "xenvmc.agent.log";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();

    private AgentOptions() {}

    /** Reads the text; what is wrong with it is in {@link #complaints()}. */
    static AgentOptions parse(String text) {
        AgentOptions options = new AgentOptions();
        String last = null;
        for (String part : text == null || text.isBlank() ? new String[0] : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals >= 0) {
                last = options.add(
                        part.substring(0, equals).trim(),
                        part.substring(equals + 1).trim());
            } else if (last != null) {
                options.values.merge(last, part.trim(), (a, b) -> a + "," + b);
            } else {
                options.complaints.add("option '" + part.trim() + "' is not of the form key=value");
            }
        }
        return options;
    }

    private String add(String key, String value) {
        String property = key.startsWith(PREFIX) ? key : PREFIX + key;
        if (!known().contains(property)) {
            complaints.add("unknown option '" + key + "' (known: " + String.join(", ", shortNames()) + ")");
            return null;
        }
        values.put(property, value);
        return property;
    }

    private static Set<String> shortNames() {
        Set<String> names = new TreeSet<>();
        known().forEach(name -> names.add(name.substring(PREFIX.length())));
        return names;
    }

    /** Every property of the configuration, and the agent's own. */
    static Set<String> known() {
        Set<String> names = new TreeSet<>(List.of(CHANNELS, ASYNC, SOCKETS, NETTY, LOG));
        for (Field field : VmcContext.class.getFields()) {
            if (field.getName().endsWith("_PROPERTY")) {
                try {
                    names.add((String) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e); // getFields gives public ones
                }
            }
        }
        return names;
    }

    /** What is wrong, for people; empty when nothing is. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Makes the options system properties; they are stronger than what was set before. */
    void applyTo(Properties properties) {
        values.forEach(properties::setProperty);
    }

    /** A switch among the properties, on by default. */
    static boolean isOn(String property) {
        String value = System.getProperty(property, "true").trim();
        if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
            return value.equalsIgnoreCase("true");
        }
        throw new IllegalArgumentException(property + "=" + value + " is neither true nor false");
    }
}
