package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * A listening channel: the JDK's, whose connections become ours and whose port the VM publishes. A thread blocked in
 * accept ends as {@link ServerSocketChannel} says.
 */
final class VmcServerSocketChannel extends ServerSocketChannel {
    private final VmcSelectorProvider owner;
    private final ServerSocketChannel tcp;
    private final KeyList keys = new KeyList();

    /** Guards {@link #published} and {@link #adaptor}. Never held while blocking. */
    private final Object stateLock = new Object();

    private InetSocketAddress published; // what stoppedListening has to be told, or null
    private ServerSocket adaptor;

    VmcServerSocketChannel(VmcSelectorProvider owner, ServerSocketChannel tcp) {
        super(owner);
        this.owner = owner;
        this.tcp = tcp;
    }

    @Override
    public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
        tcp.bind(local, backlog);
        publish();
        return this;
    }

    /** Tells the engine the port; what a concurrent close has missed is withdrawn here. */
    void publish() throws IOException {
        InetSocketAddress local = (InetSocketAddress) tcp.getLocalAddress();
        synchronized (stateLock) {
            if (isOpen()) {
                owner.engine().listening(local);
                published = local;
            }
        }
    }

    @Override
    public SocketChannel accept() throws IOException {
        SocketChannel accepted;
        try {
            accepted = tcp.accept();
        } catch (ClosedChannelException e) {
            followClose();
            throw e;
        }
        return accepted == null ? null : VmcSocketChannel.accepted(owner, accepted);
    }

    /** Accepts through the JDK's adaptor, which knows time-outs and its own exceptions. */
    SocketChannel acceptAdaptor() throws IOException {
        SocketChannel accepted;
        try {
            accepted = tcp.socket().accept().getChannel();
        } catch (IOException e) {
            followClose();
            throw e;
        }
        return VmcSocketChannel.accepted(owner, accepted);
    }

    /** The channel below closes itself when a thread is interrupted in it: then this one is closed too. */
    private void followClose() throws IOException {
        if (!tcp.isOpen() && isOpen()) {
            close();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) throws IOException {
        if (block) {
            keys.cancelBelow();
        }
        tcp.configureBlocking(block);
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        InetSocketAddress withdrawn;
        synchronized (stateLock) {
            withdrawn = published;
            published = null;
        }
        try {
            tcp.close();
        } finally {
            if (withdrawn != null) {
                owner.engine().stoppedListening(withdrawn);
            }
        }
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        tcp.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return tcp.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return tcp.supportedOptions();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return tcp.getLocalAddress();
    }

    @Override
    public ServerSocket socket() {
        synchronized (stateLock) {
            if (adaptor == null) {
                adaptor = new VmcServerSocket(this, tcp.socket());
            }
            return adaptor;
        }
    }

    /** What the JDK's selector watches. */
    SelectableChannel below() {
        return tcp;
    }

    KeyList keyList() {
        return keys;
    }

    @Override
    public String toString() {
        return tcp.toString();
    }
}
