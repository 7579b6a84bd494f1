package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import org.xenvmc.transport.VmcSelectorProvider;

/** For programs and libraries that take a {@link ServerSocketFactory}. Thread-safe. */
public final class VmcServerSocketFactory extends ServerSocketFactory {
    private static final int DEFAULT_BACKLOG = 50;

    private final Supplier<VmcSelectorProvider> owner;

    VmcServerSocketFactory(Supplier<VmcSelectorProvider> owner) {
        this.owner = owner;
    }

    @Override
    public ServerSocket createServerSocket() {
        return new ImplServerSocket(owner);
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        return createServerSocket(port, DEFAULT_BACKLOG, null);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
        return createServerSocket(port, backlog, null);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
        ServerSocket socket = createServerSocket();
        try {
            socket.bind(new InetSocketAddress(address, port), backlog);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
