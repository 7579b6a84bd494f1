package org.xenvmc.migration.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A network namespace of a test, with its loopback up; removed at the end. */
final class NetworkNamespace implements AutoCloseable {
    private final String name = "xvt" + UUID.randomUUID().toString().substring(0, 8);

    NetworkNamespace() throws IOException {
        ip("netns", "add", name);
        in("ip", "link", "set", "lo", "up");
    }

    /** Whether this user may make namespaces here. */
    static boolean possible() {
        try (NetworkNamespace probe = new NetworkNamespace()) {
            return !probe.name.isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** Joins two namespaces by a pair of interfaces with these addresses. */
    static void join(NetworkNamespace a, String addressA, NetworkNamespace b, String addressB) throws IOException {
        String end = "v" + a.name.substring(3);
        String other = "w" + a.name.substring(3);
        ip("link", "add", end, "type", "veth", "peer", "name", other);
        a.take(end, addressA);
        b.take(other, addressB);
    }

    private void take(String link, String address) throws IOException {
        ip("link", "set", link, "netns", name);
        in("ip", "addr", "add", address + "/24", "dev", link);
        in("ip", "link", "set", link, "up");
    }

    /** The command that runs a command inside. */
    List<String> command(List<String> inner) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(inner);
        return all;
    }

    private void in(String... inner) throws IOException {
        run(command(List.of(inner)));
    }

    private static void ip(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip"));
        all.addAll(List.of(arguments));
        run(all);
    }

    private static void run(List<String> command) throws IOException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            if (!p.waitFor(20, TimeUnit.SECONDS) || p.exitValue() != 0) {
                p.destroyForcibly();
                throw new IOException(
                        command + " failed: " + new String(p.getInputStream().readAllBytes()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        ip("netns", "del", name); // its interfaces go with it
    }
}
