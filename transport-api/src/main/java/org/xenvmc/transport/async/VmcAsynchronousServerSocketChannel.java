package org.xenvmc.transport.async;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An asynchronous listening channel over a {@link ServerSocketChannel} that does not block. Contract and thread rules are
 * those of {@link AsynchronousServerSocketChannel}. Whoever waits for a connection is released by a thread of the group,
 * or by {@link #close}.
 */
final class VmcAsynchronousServerSocketChannel extends AsynchronousServerSocketChannel implements GroupChannel {
    private final VmcAsynchronousChannelGroup group;
    private final ServerSocketChannel below;
    private final Lane acceptor;
    private final ChannelLife life;

    private VmcAsynchronousServerSocketChannel(VmcAsynchronousChannelGroup group, ServerSocketChannel below) {
        super(group.provider());
        this.group = group;
        this.below = below;
        Registration registration = new Registration(below, this);
        acceptor = new Lane(this, registration, SelectionKey.OP_ACCEPT, this::killAccepts);
        life = new ChannelLife(this, below, registration, acceptor);
    }

    static VmcAsynchronousServerSocketChannel open(VmcAsynchronousChannelGroup group) throws IOException {
        ServerSocketChannel below = group.vmcProvider().channels().openServerSocketChannel();
        try {
            below.configureBlocking(false);
            VmcAsynchronousServerSocketChannel channel = new VmcAsynchronousServerSocketChannel(group, below);
            group.add(channel);
            return channel;
        } catch (IOException | RuntimeException e) {
            below.close();
            throw e;
        }
    }

    private void killAccepts() {
        acceptor.kill();
    }

    @Override
    public Future<AsynchronousSocketChannel> accept() {
        return accept(new Operation<AsynchronousSocketChannel, Void>(group, null, null));
    }

    @Override
    public <A> void accept(A attachment, CompletionHandler<AsynchronousSocketChannel, ? super A> handler) {
        accept(new Operation<>(group, Objects.requireNonNull(handler, "'handler' is null"), attachment));
    }

    private <A> Future<AsynchronousSocketChannel> accept(Operation<AsynchronousSocketChannel, A> op) {
        if (!isOpen()) {
            return op.completedAtOnce(null, new ClosedChannelException());
        }
        if (isUnbound()) {
            throw new NotYetBoundException();
        }
        synchronized (acceptor) {
            if (acceptor.isKilled()) {
                throw new IllegalStateException("Accept not allowed due to cancellation");
            }
            if (acceptor.isBusy()) {
                throw new AcceptPendingException();
            }
            acceptor.occupy();
        }
        // never direct: a handler that accepts the next would otherwise keep its thread as long as connections come
        return acceptor.start(op.trying(this::acceptNow), true, false, 0, TimeUnit.NANOSECONDS);
    }

    private boolean isUnbound() {
        try {
            return below.getLocalAddress() == null;
        } catch (IOException e) {
            return false; // closed just now: the attempt says so
        }
    }

    private Object acceptNow() throws IOException {
        SocketChannel connection = below.accept();
        if (connection == null) {
            return Attempt.NOT_YET;
        }
        try {
            return VmcAsynchronousSocketChannel.accepted(group, connection);
        } catch (ShutdownChannelGroupException e) {
            throw new IOException(e);
        }
    }

    @Override
    public VmcAsynchronousChannelGroup group() {
        return group;
    }

    @Override
    public void ready(int ops, boolean direct) {
        acceptor.ready(direct);
    }

    // -- state

    @Override
    public AsynchronousServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
        below.bind(local, backlog);
        return this;
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return below.getLocalAddress();
    }

    @Override
    public <T> AsynchronousServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        requireSupported(name);
        below.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        requireSupported(name);
        return below.getOption(name);
    }

    private void requireSupported(SocketOption<?> name) {
        Objects.requireNonNull(name);
        if (!supportedOptions().contains(name)) {
            throw new UnsupportedOperationException("'" + name + "' not supported");
        }
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return below.supportedOptions();
    }

    @Override
    public boolean isOpen() {
        return life.isOpen();
    }

    @Override
    public void close() throws IOException {
        life.close();
    }

    @Override
    public void operationEnded() {
        life.leaveGroupIfQuiet();
    }

    @Override
    public String toString() {
        return getClass().getName() + "[" + (isOpen() ? below.toString() : "closed") + "]";
    }
}
