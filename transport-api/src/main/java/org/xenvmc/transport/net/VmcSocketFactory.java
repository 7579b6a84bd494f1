package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import org.xenvmc.transport.VmcSelectorProvider;

/** For programs and libraries that take a {@link SocketFactory}. Its sockets ignore proxies. Thread-safe. */
public final class VmcSocketFactory extends SocketFactory {
    private final Supplier<VmcSelectorProvider> owner;

    VmcSocketFactory(Supplier<VmcSelectorProvider> owner) {
        this.owner = owner;
    }

    @Override
    public Socket createSocket() throws IOException {
        return new ImplSocket(new VmcSocketImpl(owner, false));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    private Socket connected(InetSocketAddress remote, InetSocketAddress local) throws IOException {
        Socket socket = createSocket();
        try {
            if (local != null) {
                socket.bind(local);
            }
            socket.connect(remote);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
