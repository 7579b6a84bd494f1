package org.xenvmc.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * What a channel of ours leaves to the JDK's channel below it, and what ties the lives of the two together. The channel below
 * may outlive this one for a while (a lingering close); nobody sees that.
 */
abstract class TcpBackedChannel extends SocketChannel {
    /** The JDK's channel. */
    final SocketChannel tcp;

    private final KeyList keys = new KeyList();

    TcpBackedChannel(VmcSelectorProvider owner, SocketChannel tcp) {
        super(owner);
        this.tcp = tcp;
    }

    /** The JDK's channel; once this one is closed, a closed one, which complains in the JDK's words. */
    final SocketChannel jdk() throws IOException {
        return isOpen() || !tcp.isOpen() ? tcp : closedLikeThis();
    }

    private SocketChannel closedLikeThis() throws IOException {
        SocketChannel closed = tcp.provider().openSocketChannel();
        closed.configureBlocking(isBlocking());
        closed.close();
        return closed;
    }

    @Override
    public SocketChannel bind(SocketAddress local) throws IOException {
        jdk().bind(local);
        return this;
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        synchronized (tcp.socket()) { // a stream may be changing TCP_NODELAY for a moment, and restores it
            jdk().setOption(name, value);
        }
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        synchronized (tcp.socket()) {
            return jdk().getOption(name);
        }
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return tcp.supportedOptions();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return jdk().getLocalAddress();
    }

    @Override
    public SocketAddress getRemoteAddress() throws IOException {
        return jdk().getRemoteAddress();
    }

    @Override
    public String toString() {
        return isOpen() ? tcp.toString() : SocketChannel.class.getName() + "[closed]";
    }

    /** What the JDK's selector watches. */
    SelectableChannel below() {
        return tcp;
    }

    KeyList keyList() {
        return keys;
    }

    final IllegalArgumentException readOnly() throws ClosedChannelException {
        requireOpen();
        return new IllegalArgumentException("Read-only buffer");
    }

    final void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    /** A stream looks for interrupts only when it is about to block; the contract is that they always count. */
    final void endIfInterrupted() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            requireOpen();
            begin(); // closes the channel
            end(false); // throws ClosedByInterruptException
        }
    }

    /** The channel below closes itself when a thread is interrupted in it: then this one is closed too. */
    final void followClose() throws IOException {
        if (!tcp.isOpen() && isOpen()) {
            close();
        }
    }

    final ClosedChannelException followClose(ClosedChannelException e) throws IOException {
        followClose();
        return e;
    }
}
