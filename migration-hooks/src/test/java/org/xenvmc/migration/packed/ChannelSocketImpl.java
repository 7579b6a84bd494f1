package org.xenvmc.migration.packed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.nio.channels.SocketChannel;

/** An application's own idea of a client socket. */
final class ChannelSocketImpl extends SocketImpl {
    static int made;

    private final SocketChannel channel;

    ChannelSocketImpl() {
        try {
            channel = SocketChannel.open();
            made++;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    protected void create(boolean stream) {
        // the channel is there
    }

    @Override
    protected void connect(String host, int port) throws IOException {
        connect(new InetSocketAddress(host, port), 0);
    }

    @Override
    protected void connect(InetAddress host, int port) throws IOException {
        connect(new InetSocketAddress(host, port), 0);
    }

    @Override
    protected void connect(SocketAddress remote, int timeout) throws IOException {
        channel.socket().connect(remote, timeout);
        address = ((InetSocketAddress) remote).getAddress();
        port = ((InetSocketAddress) remote).getPort();
        localport = channel.socket().getLocalPort();
    }

    @Override
    protected void bind(InetAddress host, int port) throws IOException {
        channel.bind(new InetSocketAddress(host, port));
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw new IOException("only for clients");
    }

    @Override
    protected void accept(SocketImpl s) throws IOException {
        throw new IOException("only for clients");
    }

    @Override
    protected InputStream getInputStream() throws IOException {
        return channel.socket().getInputStream();
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        return channel.socket().getOutputStream();
    }

    @Override
    protected int available() throws IOException {
        return getInputStream().available();
    }

    @Override
    protected void close() throws IOException {
        channel.close();
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        channel.socket().sendUrgentData(data);
    }

    @Override
    public void setOption(int id, Object value) {
        // none
    }

    @Override
    public Object getOption(int id) {
        return null;
    }
}
