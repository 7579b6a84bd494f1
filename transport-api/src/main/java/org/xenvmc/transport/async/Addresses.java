package org.xenvmc.transport.async;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;

/** What the channels say of addresses before they do anything with them. */
final class Addresses {
    private Addresses() {}

    /** Throws what the contract demands for an address that cannot be connected to. */
    static void check(SocketAddress remote) {
        Objects.requireNonNull(remote);
        if (!(remote instanceof InetSocketAddress)) {
            throw new UnsupportedAddressTypeException();
        }
        if (((InetSocketAddress) remote).isUnresolved()) {
            throw new UnresolvedAddressException();
        }
    }
}
