package org.xenvmc.migration.world;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.spi.SelectorProvider;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.net.VmcSockets;

/** The {@code java.net} side of a {@link World}: the JDK's own sockets in the reference, else ours on the world's VMs. */
public final class Sockets {
    private final World world;
    private ServerSocket listener;

    /** Sockets of this world; closed with it. */
    public Sockets(World world) {
        this.world = world;
    }

    private static SocketFactory clients(SelectorProvider provider) {
        return provider instanceof VmcSelectorProvider
                ? VmcSockets.socketFactory((VmcSelectorProvider) provider)
                : SocketFactory.getDefault();
    }

    private static ServerSocketFactory servers(SelectorProvider provider) {
        return provider instanceof VmcSelectorProvider
                ? VmcSockets.serverSocketFactory((VmcSelectorProvider) provider)
                : ServerSocketFactory.getDefault();
    }

    /** A socket of the connecting side, not connected. */
    public Socket socket() throws IOException {
        return world.track(clients(world.client()).createSocket());
    }

    /** A server socket of the accepting side, not bound. */
    public ServerSocket serverSocket() throws IOException {
        return world.track(servers(world.server()).createServerSocket());
    }

    /** A listening server socket of the accepting side. */
    public ServerSocket listen() throws IOException {
        ServerSocket s = serverSocket();
        s.bind(world.anyPort());
        return s;
    }

    /** A new connection that nothing was done with yet. */
    public synchronized SocketPair plainPair() throws IOException {
        if (listener == null) {
            listener = listen();
        }
        Socket client = socket();
        client.connect(listener.getLocalSocketAddress());
        return new SocketPair(client, world.track(listener.accept()));
    }

    /** A new connection on the path that the world is about. */
    public SocketPair pair() throws Exception {
        SocketPair pair = plainPair();
        world.settle(new Pair(new SocketView(pair.client()), new SocketView(pair.server())));
        return pair;
    }
}
