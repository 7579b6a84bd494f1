package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.xenvmc.bench.transport.Transport;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;

/** Connections from guest to guest for the workloads. */
final class LinkTransport implements Transport {
    private final Sockets sockets;
    private final int port;

    LinkTransport(Sockets sockets, int port) {
        this.sockets = sockets;
        this.port = port;
    }

    @Override
    public ServerSocketChannel listen() throws IOException {
        return sockets.listen(port);
    }

    @Override
    public String address(ServerSocketChannel listener) {
        return Integer.toString(port);
    }

    @Override
    public SocketChannel connect(String address) throws IOException {
        return sockets.connect(address, port);
    }

    @Override
    public Selector openSelector() throws IOException {
        return sockets.provider().openSelector();
    }

    @Override
    public boolean isOn(SocketChannel channel, Path path) {
        if (sockets == Sockets.PLAIN) {
            return path == Path.TCP;
        }
        ConnectionInfo info = VmcConnections.info(channel);
        return info.sending().path() == path && info.receiving().path() == path;
    }

    @Override
    public boolean isReceivingOn(SocketChannel channel, Path path) {
        return isOn(channel, path);
    }

    @Override
    public String describe(SocketChannel channel) {
        return sockets == Sockets.PLAIN
                ? "the JDK's own channel"
                : VmcConnections.info(channel).toString();
    }

    @Override
    public void leaveHost(Duration limit) {
        throw new UnsupportedOperationException("no workload here leaves its host");
    }

    @Override
    public void joinHost() {
        throw new UnsupportedOperationException("no workload here joins a host");
    }

    @Override
    public void close() {
        // nothing is held
    }
}
