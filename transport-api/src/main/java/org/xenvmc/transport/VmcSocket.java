package org.xenvmc.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * Makes a channel look like a socket. Data and closing go through the channel, everything else through the adaptor of
 * the JDK's channel below, which knows the JDK's ways.
 */
final class VmcSocket extends Socket {
    private final VmcSocketChannel channel;
    private final Socket below;

    private volatile int timeoutMs;

    private VmcSocket(VmcSocketChannel channel, Socket below) throws SocketException {
        super(new NoSocketImpl());
        this.channel = channel;
        this.below = below;
    }

    static VmcSocket of(VmcSocketChannel channel, Socket below) {
        try {
            return new VmcSocket(channel, below);
        } catch (SocketException e) {
            throw new IllegalStateException("making an adaptor does no I/O", e);
        }
    }

    // -- data and life

    @Override
    public void connect(SocketAddress remote) throws IOException {
        connect(remote, 0);
    }

    @Override
    public void connect(SocketAddress remote, int timeoutMs) throws IOException {
        channel.connectAdaptor(remote, timeoutMs);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        requireConnected();
        if (isInputShutdown()) {
            throw new SocketException("Socket input is shutdown");
        }
        return new VmcSocketInputStream(this::readTimeoutMs, channel);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        requireConnected();
        if (isOutputShutdown()) {
            throw new SocketException("Socket output is shutdown");
        }
        return new VmcSocketOutputStream(channel);
    }

    private void requireConnected() throws SocketException {
        if (!channel.isOpen()) {
            throw new SocketException("Socket is closed");
        }
        if (!channel.isConnected()) {
            throw new SocketException("Socket is not connected");
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        if (channel.isConnected()) {
            channel.shutdownInput();
        } else {
            open().shutdownInput(); // knows which exception this is
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (channel.isConnected()) {
            channel.shutdownOutput();
        } else {
            open().shutdownOutput();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public SocketChannel getChannel() {
        return channel;
    }

    @Override
    public void setSoTimeout(int timeoutMs) throws SocketException {
        requireOpen();
        if (timeoutMs < 0) {
            throw new IllegalArgumentException("timeout < 0");
        }
        this.timeoutMs = timeoutMs;
    }

    @Override
    public int getSoTimeout() throws SocketException {
        requireOpen();
        return timeoutMs;
    }

    /** The JDK's adaptor, or one of a closed channel that complains in the JDK's words. */
    private Socket open() throws SocketException {
        try {
            return channel.jdk().socket();
        } catch (IOException e) {
            throw (SocketException) new SocketException("Socket is closed").initCause(e);
        }
    }

    private void requireOpen() throws SocketException {
        if (!channel.isOpen()) {
            throw new SocketException("Socket is closed");
        }
    }

    /** The time-out of reads in milliseconds, 0 for none. */
    int readTimeoutMs() {
        return timeoutMs;
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public boolean isInputShutdown() {
        return channel.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return channel.isOutputShutdown();
    }

    // -- the JDK's adaptor

    @Override
    public void bind(SocketAddress local) throws IOException {
        open().bind(local);
    }

    @Override
    public boolean isBound() {
        return below.isBound();
    }

    @Override
    public InetAddress getInetAddress() {
        return below.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return isClosed() ? new InetSocketAddress(0).getAddress() : below.getLocalAddress();
    }

    @Override
    public int getPort() {
        return below.getPort();
    }

    @Override
    public int getLocalPort() {
        return below.getLocalPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return below.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return below.getLocalSocketAddress();
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        channel.sendUrgent(data, below);
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        open().setOOBInline(on);
    }

    @Override
    public boolean getOOBInline() throws SocketException {
        return open().getOOBInline();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        synchronized (below) { // as the channel does
            open().setTcpNoDelay(on);
        }
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        synchronized (below) {
            return open().getTcpNoDelay();
        }
    }

    @Override
    public void setSoLinger(boolean on, int lingerS) throws SocketException {
        open().setSoLinger(on, lingerS);
    }

    @Override
    public int getSoLinger() throws SocketException {
        return open().getSoLinger();
    }

    @Override
    public void setSendBufferSize(int sizeBytes) throws SocketException {
        open().setSendBufferSize(sizeBytes);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return open().getSendBufferSize();
    }

    @Override
    public void setReceiveBufferSize(int sizeBytes) throws SocketException {
        open().setReceiveBufferSize(sizeBytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return open().getReceiveBufferSize();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        open().setKeepAlive(on);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return open().getKeepAlive();
    }

    @Override
    public void setTrafficClass(int tc) throws SocketException {
        open().setTrafficClass(tc);
    }

    @Override
    public int getTrafficClass() throws SocketException {
        return open().getTrafficClass();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        open().setReuseAddress(on);
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return open().getReuseAddress();
    }

    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        below.setPerformancePreferences(connectionTime, latency, bandwidth);
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        channel.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return channel.getOption(name);
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
