package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;

/** Where this process is on the network: its namespace and its addresses. */
public final class NetworkIdentity {
    private static final Logger LOG = System.getLogger(NetworkIdentity.class.getName());
    private static final Path NAMESPACE = Path.of("/proc/self/ns/net");

    private NetworkIdentity() {}

    /** Inode of the network namespace, from a link such as {@code net:[4026531840]}; 0 when the kernel has none. */
    public static long namespace() {
        try {
            String link = Files.readSymbolicLink(NAMESPACE).toString();
            return Long.parseLong(link.substring(link.indexOf('[') + 1, link.indexOf(']')));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "no network namespace", e);
            return 0;
        }
    }

    /** All addresses of this machine, without scopes, the one to call it by first; never empty. */
    public static List<InetAddress> addresses() {
        List<InetAddress> all = new ArrayList<>();
        try {
            Enumeration<NetworkInterface> interfaces = NetworkInterface.getNetworkInterfaces();
            while (interfaces != null && interfaces.hasMoreElements()) {
                interfaces
                        .nextElement()
                        .inetAddresses()
                        .map(NetworkIdentity::unscoped)
                        .forEach(all::add);
            }
        } catch (SocketException e) {
            LOG.log(Level.WARNING, "addresses of this machine cannot be read", e);
        }
        if (all.isEmpty()) {
            all.add(InetAddress.getLoopbackAddress());
        }
        all.sort(Comparator.comparingInt(NetworkIdentity::rank));
        List<InetAddress> distinct = all.stream().distinct().toList();
        if (distinct.size() > VmEntryDescriptor.MAX_ADDRESSES) {
            LOG.log(
                    Level.WARNING,
                    "this machine has {0} addresses; the last {1} are not published and stay on TCP",
                    distinct.size(),
                    distinct.size() - VmEntryDescriptor.MAX_ADDRESSES);
            return distinct.subList(0, VmEntryDescriptor.MAX_ADDRESSES);
        }
        return distinct;
    }

    private static InetAddress unscoped(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address has 4 or 16 bytes
        }
    }

    /** Loopback is published before link-local: connections use it. */
    private static int rank(InetAddress a) {
        int family = a instanceof Inet4Address ? 0 : 1;
        if (a.isLinkLocalAddress()) {
            return 6 + family;
        }
        return (a.isLoopbackAddress() ? 4 : 0) + family;
    }
}
