package org.xenvmc.migration.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;

/** Addresses as commands write them, and what they mean in this process's network namespace. */
public final class Addresses {
    private Addresses() {}

    /** Such as {@code 10.0.0.1:80} and {@code [0:0:0:0:0:0:0:1]:80}. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * Reads what {@link #text} writes. Asks no name server.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || !text.substring(0, colon).matches("\\[[0-9a-fA-F:.]+(%\\w+)?]|[0-9]+(\\.[0-9]+){3}")) {
            throw new IllegalArgumentException("'" + text + "' is not an address and a port");
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), port);
        } catch (IOException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not an address and a port", e);
        }
    }

    /** Whether a connection to the address ends in this network namespace, unless it is translated. */
    public static boolean isHere(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /** The address from which a connection would come; its port is not known yet and therefore 0. Sends nothing. */
    public static InetSocketAddress localTowards(InetSocketAddress remote) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            InetSocketAddress local =
                    (InetSocketAddress) channel.connect(remote).getLocalAddress();
            return new InetSocketAddress(local.getAddress(), 0);
        } catch (IOException e) {
            return new InetSocketAddress(remote.getAddress(), 0); // no route: only the remote end can match a rule
        }
    }
}
