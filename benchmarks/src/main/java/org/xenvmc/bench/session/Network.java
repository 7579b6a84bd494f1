package org.xenvmc.bench.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where the two ends of a program meet. A namespace has no name: it is made with the server, joined by its clients, and gone
 * with the last of them, however they end.
 */
public enum Network {
    /** Where the driver is. */
    HOST(""),
    /** A network namespace of their own with nothing but a loopback device. */
    OWN("ip link set lo up"),
    /** The same, where TCP acknowledges at once: the routes say {@code quickack 1}. */
    QUICK_ACK("ip link set lo up" + quickly("127.0.0.0/8") + quickly("127.0.0.1"));

    private static final long LIMIT_S = 20;

    private final String preparation;

    Network(String preparation) {
        this.preparation = preparation;
    }

    private static String quickly(String destination) {
        return " && ip route change local " + destination
                + " dev lo table local proto kernel scope host src 127.0.0.1 quickack 1";
    }

    /** What stands before the command of a server, whose process id stays that of the command. */
    List<String> before() {
        return this == HOST
                ? List.of()
                : List.of("unshare", "--net", "sh", "-c", preparation + " && exec \"$@\"", "sh");
    }

    /** What stands before the command of one who joins a server that runs. */
    List<String> joining(long serverPid) {
        return this == HOST ? List.of() : List.of("nsenter", "--net=/proc/" + serverPid + "/ns/net");
    }

    /** Why programs cannot meet here on this machine; empty when they can. */
    public Optional<String> obstacle() {
        return this == HOST
                ? Optional.empty()
                : failure(before(), "true")
                        .or(() -> failure(joining(ProcessHandle.current().pid()), "true"));
    }

    private static Optional<String> failure(List<String> before, String command) {
        List<String> all = Stream.concat(before.stream(), Stream.of(command)).toList();
        try {
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            try {
                process.getOutputStream().close();
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
                if (process.waitFor(LIMIT_S, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return Optional.empty();
                }
                return Optional.of(needs(said));
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return Optional.of(needs(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(needs("interrupted"));
        }
    }

    private static String needs(String why) {
        return "a network namespace of one's own needs root, unshare(1), nsenter(1) and ip(8): " + why;
    }
}
