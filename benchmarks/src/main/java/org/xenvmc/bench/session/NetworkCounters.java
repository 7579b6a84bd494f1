package org.xenvmc.bench.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What the kernel has counted in the network namespace of a process.
 *
 * @param loopbackBytes bytes that its loopback device has received, which are those that it has sent
 * @param delayedAcks TCP acknowledgements that were sent because a timer ran out
 */
public record NetworkCounters(long loopbackBytes, long delayedAcks) {
    private static final String TCP = "TcpExt:";
    private static final String LOOPBACK = "lo:";

    /**
     * Reads them.
     *
     * @param pid a process that runs
     */
    public static NetworkCounters of(long pid) throws IOException {
        Path net = Path.of("/proc", Long.toString(pid), "net");
        return parse(Files.readAllLines(net.resolve("dev")), Files.readAllLines(net.resolve("netstat")));
    }

    static NetworkCounters parse(List<String> dev, List<String> netstat) throws IOException {
        List<String> loopback = words(dev, LOOPBACK).get(0);
        List<List<String>> tcp = words(netstat, TCP); // a line of names, a line of values
        int at = tcp.get(0).indexOf("DelayedACKs");
        if (at < 0 || tcp.size() < 2) {
            throw new IOException("no DelayedACKs in /proc/net/netstat");
        }
        return new NetworkCounters(
                Long.parseLong(loopback.get(1)), Long.parseLong(tcp.get(1).get(at)));
    }

    private static List<List<String>> words(List<String> lines, String first) throws IOException {
        List<List<String>> found = lines.stream()
                .map(line -> Arrays.asList(line.replace(":", ": ").trim().split("\\s+")))
                .filter(words -> words.get(0).equals(first))
                .toList();
        if (found.isEmpty()) {
            throw new IOException("no line " + first + " in " + lines);
        }
        return found;
    }
}
