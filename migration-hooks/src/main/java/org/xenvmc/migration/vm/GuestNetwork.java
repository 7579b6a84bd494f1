package org.xenvmc.migration.vm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;

/**
 * The network between the guests: taps on a bridge in a network namespace of its own, which needs the rights of root; else
 * QEMU's own, datagrams over the loopback device.
 */
final class GuestNetwork implements AutoCloseable {
    /** Which one: {@code tap} where that is possible, or {@code socket}. */
    static final String PROPERTY = "xenvmc.vm.network";

    private static final int TAPS = 3;

    private final String namespace;
    private final BitSet taken = new BitSet(TAPS);

    private GuestNetwork(String namespace) {
        this.namespace = namespace;
    }

    static GuestNetwork open() {
        if (System.getProperty(PROPERTY, "tap").equals("socket")) {
            return new GuestNetwork(null);
        }
        String name = "xenvmc-" + UUID.randomUUID().toString().substring(0, 8);
        try {
            Shell.run("ip", "netns", "add", name);
        } catch (IOException e) {
            return new GuestNetwork(null);
        }
        GuestNetwork network = new GuestNetwork(name);
        try {
            network.prepare();
            return network;
        } catch (IOException e) {
            network.close();
            return new GuestNetwork(null);
        }
    }

    private void prepare() throws IOException {
        in("link", "set", "lo", "up");
        in("link", "add", "br0", "type", "bridge", "forward_delay", "0", "stp_state", "0");
        in("link", "set", "br0", "up");
        for (int i = 0; i < TAPS; i++) {
            in("tuntap", "add", "tap" + i, "mode", "tap");
            in("link", "set", "tap" + i, "master", "br0");
            in("link", "set", "tap" + i, "up");
        }
    }

    private void in(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
        command.addAll(List.of(arguments));
        Shell.run(command);
    }

    /** What comes before a command that is to run in this network. */
    List<String> prefix() {
        return namespace == null ? List.of() : List.of("ip", "netns", "exec", namespace);
    }

    /**
     * A guest's network card.
     *
     * @param arguments for QEMU
     * @param tap number of what it is plugged into
     */
    record Card(List<String> arguments, int tap) {}

    /** Takes a free tap for a guest; {@link #giveBack} when its process has ended. */
    synchronized Card card(String mac) throws IOException {
        int number = taken.nextClearBit(0);
        if (number >= TAPS) {
            throw new IOException("no more than " + TAPS + " guests at once are possible");
        }
        taken.set(number);
        String net = namespace == null
                ? "socket,id=n0,mcast=230.0.0.1:"
                        + (20_000 + ProcessHandle.current().pid() % 20_000) + ",localaddr=127.0.0.1"
                : "tap,id=n0,ifname=tap" + number + ",script=no,downscript=no";
        return new Card(List.of("-netdev", net, "-device", "virtio-net-pci,netdev=n0,romfile=,mac=" + mac), number);
    }

    synchronized void giveBack(Card card) {
        taken.clear(card.tap);
    }

    /** For people. */
    String description() {
        return namespace == null ? "QEMU's socket network" : "taps in namespace " + namespace;
    }

    @Override
    public void close() {
        if (namespace != null) {
            try {
                Shell.run("ip", "netns", "delete", namespace);
            } catch (IOException e) {
                System.getLogger(GuestNetwork.class.getName())
                        .log(System.Logger.Level.WARNING, "network namespace {0} is left behind: {1}", namespace, e);
            }
        }
    }
}
