package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;

/** Makes a listening channel look like a server socket: the JDK's adaptor, whose connections become ours. */
final class VmcServerSocket extends ServerSocket {
    private final VmcServerSocketChannel channel;
    private final ServerSocket below;

    VmcServerSocket(VmcServerSocketChannel channel, ServerSocket below) {
        super(new NoSocketImpl());
        this.channel = channel;
        this.below = below;
    }

    @Override
    public void bind(SocketAddress local) throws IOException {
        below.bind(local);
        channel.publish();
    }

    @Override
    public void bind(SocketAddress local, int backlog) throws IOException {
        below.bind(local, backlog);
        channel.publish();
    }

    @Override
    public Socket accept() throws IOException {
        return channel.acceptAdaptor().socket();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public ServerSocketChannel getChannel() {
        return channel;
    }

    @Override
    public InetAddress getInetAddress() {
        return below.getInetAddress();
    }

    @Override
    public int getLocalPort() {
        return below.getLocalPort();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return below.getLocalSocketAddress();
    }

    @Override
    public boolean isBound() {
        return below.isBound();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public void setSoTimeout(int timeoutMs) throws SocketException {
        below.setSoTimeout(timeoutMs);
    }

    @Override
    public int getSoTimeout() throws IOException {
        return below.getSoTimeout();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        below.setReuseAddress(on);
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return below.getReuseAddress();
    }

    @Override
    public void setReceiveBufferSize(int sizeBytes) throws SocketException {
        below.setReceiveBufferSize(sizeBytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return below.getReceiveBufferSize();
    }

    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        below.setPerformancePreferences(connectionTime, latency, bandwidth);
    }

    @Override
    public <T> ServerSocket setOption(SocketOption<T> name, T value) throws IOException {
        below.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return below.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return below.supportedOptions();
    }

    @Override
    public String toString() {
        return below.toString();
    }
}
