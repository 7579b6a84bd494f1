package org.xenvmc.bench.transport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;

/** The JDK's Unix-domain sockets: what a program can have today without TCP, for comparison. */
final class UnixTransport extends JdkTransport {
    private final Path socket;

    UnixTransport(Path socket) {
        super(SelectorProvider.provider());
        this.socket = socket;
    }

    @Override
    public ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    @Override
    public String address(ServerSocketChannel listener) {
        return socket.toString();
    }

    @Override
    public SocketChannel connect(String address) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(address));
    }
}
