package org.xenvmc.shm.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.spi.Reach;

/**
 * Who shares this host with me (paper: VMs[]). Holds one {@link Vm} per member, this VM included. Thread-safe.
 */
final class CoResidencyTable {
    private final Map<Integer, Vm> byDomId = new ConcurrentHashMap<>();

    Vm get(int domId) {
        return byDomId.get(domId);
    }

    void put(Vm vm) {
        byDomId.put(vm.member().id().domId(), vm);
    }

    Vm remove(int domId) {
        return byDomId.remove(domId);
    }

    Collection<Vm> all() {
        return byDomId.values();
    }

    void clear() {
        byDomId.clear();
    }

    /** VMs that may hold the other end of a connection to {@code remote}: known by identity, or listening there. */
    List<Vm> candidates(InetSocketAddress remote, UUID knownPeer, Member self) {
        List<Vm> found = new ArrayList<>();
        for (Vm vm : byDomId.values()) {
            boolean candidate = knownPeer != null
                    ? vm.member().uuid().equals(knownPeer)
                    : reach(remote, vm.member(), self) == Reach.POSSIBLE;
            if (candidate) {
                found.add(vm);
            }
        }
        return found;
    }

    /** Whether a member may hold the other end of a connection to {@code remote}, as this VM sees that address. */
    static Reach reach(InetSocketAddress remote, Member member, Member self) {
        return member.listensOn(remote.getPort()) ? reach(remote.getAddress(), member, self) : Reach.NOT_LISTENING;
    }

    /**
     * Whether an address, as this VM sees it, can be the member's. Loopback means something only inside one network namespace;
     * a private address only inside one network; any other address means the same everywhere.
     */
    static Reach reach(InetAddress address, Member member, Member self) {
        if (member.networkNamespace() == self.networkNamespace()) {
            return Reach.POSSIBLE; // addresses come and go there: the other end itself is looked for
        }
        if (address.isLoopbackAddress() || address.isLinkLocalAddress()) {
            return Reach.OTHER_NAMESPACE;
        }
        if (!member.addresses().contains(address.getHostAddress())) {
            return Reach.OTHER_ADDRESS;
        }
        boolean sameNetwork = !self.network().isEmpty() && self.network().equals(member.network());
        return sameNetwork || !isPrivate(address) ? Reach.POSSIBLE : Reach.OTHER_NETWORK;
    }

    static boolean reaches(InetAddress address, Member member, Member self) {
        return reach(address, member, self) == Reach.POSSIBLE;
    }

    private static boolean isPrivate(InetAddress address) {
        byte[] a = address.getAddress();
        boolean uniqueLocal = a.length == 16 && (a[0] & 0xfe) == 0xfc; // RFC 4193
        boolean shared = a.length == 4 && (a[0] & 0xff) == 100 && (a[1] & 0xc0) == 64; // RFC 6598
        return address.isSiteLocalAddress() || uniqueLocal || shared; // site-local: RFC 1918 for IPv4
    }
}
