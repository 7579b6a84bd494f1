package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.function.Supplier;
import org.xenvmc.transport.VmcSelectorProvider;

/** A server socket with an implementation of ours, whatever factory the program has installed. */
final class ImplServerSocket extends ServerSocket {
    private final Supplier<VmcSelectorProvider> owner;

    ImplServerSocket(Supplier<VmcSelectorProvider> owner) {
        super(new VmcSocketImpl(owner, true));
        this.owner = owner;
    }

    @Override
    public Socket accept() throws IOException {
        if (isClosed()) {
            throw new SocketException("Socket is closed");
        }
        if (!isBound()) {
            throw new SocketException("Socket is not bound yet");
        }
        ImplSocket accepted = new ImplSocket(new VmcSocketImpl(owner, false));
        implAccept(accepted);
        return accepted;
    }
}
