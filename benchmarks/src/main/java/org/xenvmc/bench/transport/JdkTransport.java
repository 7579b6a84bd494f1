package org.xenvmc.bench.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import org.xenvmc.transport.Path;

/** Channels of a selector provider over TCP loopback; the JDK's own one is the peer that everything is compared with. */
class JdkTransport implements Transport {
    private final SelectorProvider provider;

    JdkTransport(SelectorProvider provider) {
        this.provider = provider;
    }

    @Override
    public ServerSocketChannel listen() throws IOException {
        return provider.openServerSocketChannel().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    }

    @Override
    public String address(ServerSocketChannel listener) throws IOException {
        return Integer.toString(((InetSocketAddress) listener.getLocalAddress()).getPort());
    }

    @Override
    public SocketChannel connect(String address) throws IOException {
        SocketChannel channel = provider.openSocketChannel();
        try {
            channel.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(address)));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Selector openSelector() throws IOException {
        return provider.openSelector();
    }

    @Override
    public boolean isOn(SocketChannel channel, Path path) throws IOException {
        return path == Path.TCP;
    }

    @Override
    public boolean isReceivingOn(SocketChannel channel, Path path) throws IOException {
        return true;
    }

    @Override
    public String describe(SocketChannel channel) throws IOException {
        return "the JDK's own channel";
    }

    @Override
    public void leaveHost(Duration limit) throws IOException {
        // never on shared memory
    }

    @Override
    public void joinHost() throws IOException {
        // never on shared memory
    }

    @Override
    public void close() throws IOException {
        // nothing is held
    }
}
