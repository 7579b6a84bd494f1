package org.xenvmc.transport.net;

import java.net.SocketImpl;
import java.net.SocketImplFactory;
import java.util.function.Supplier;
import org.xenvmc.transport.VmcSelectorProvider;

/** Makes implementations for all sockets, or all server sockets, of a program. See {@link VmcSockets#factory()}. */
public final class VmcSocketImplFactory implements SocketImplFactory {
    private final Supplier<VmcSelectorProvider> owner;
    private final boolean server;

    VmcSocketImplFactory(Supplier<VmcSelectorProvider> owner, boolean server) {
        this.owner = owner;
        this.server = server;
    }

    @Override
    public SocketImpl createSocketImpl() {
        return new VmcSocketImpl(owner, server);
    }
}
