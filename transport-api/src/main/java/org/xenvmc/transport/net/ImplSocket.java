package org.xenvmc.transport.net;

import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.NotYetConnectedException;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnection;

/** A socket with an implementation of ours, whatever factory the program has installed. */
final class ImplSocket extends Socket implements VmcConnection {
    private final VmcSocketImpl impl;

    ImplSocket(VmcSocketImpl impl) throws SocketException {
        super(impl);
        this.impl = impl;
    }

    @Override
    public ConnectionInfo connectionInfo() {
        ConnectionInfo info = impl.info();
        if (info == null) {
            throw new NotYetConnectedException();
        }
        return info;
    }
}
