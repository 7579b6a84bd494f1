package org.xenvmc.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/** What a scenario has seen: values and exceptions, in a form that can be compared between two providers. */
final class Transcript {
    private static final Pattern PORT = Pattern.compile("(?<=[:=])\\d{4,5}\\b");

    private final List<String> lines = new ArrayList<>();

    interface Action {
        void run() throws Exception;
    }

    /** Notes the value that a call returns, or the exception that it throws. */
    synchronized void call(String what, Callable<?> action) {
        lines.add(what + " -> " + outcome(action));
    }

    /** Notes whether an action succeeds, or the exception that it throws. */
    void run(String what, Action action) {
        call(what, () -> {
            action.run();
            return "done";
        });
    }

    void note(String what, Object value) {
        call(what, () -> value);
    }

    static String outcome(Callable<?> action) {
        try {
            return text(action.call());
        } catch (IOException e) {
            return e.getClass().getName() + ": " + withoutPorts(String.valueOf(e.getMessage()));
        } catch (Throwable t) { // whatever it is, both providers have to do the same; messages may be better than the
            // JDK's
            return t.getClass().getName();
        }
    }

    private static String text(Object value) {
        if (value instanceof Channel) {
            return ((Channel) value).isOpen() ? "an open channel" : "a closed channel";
        }
        if (value instanceof SocketAddress) {
            return withoutPorts(value.toString());
        }
        return String.valueOf(value);
    }

    private static String withoutPorts(String s) {
        return PORT.matcher(s).replaceAll("PORT");
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
