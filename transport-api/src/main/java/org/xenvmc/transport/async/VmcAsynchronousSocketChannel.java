package org.xenvmc.transport.async;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ReadPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritePendingException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnection;

/**
 * An asynchronous socket channel over a {@link SocketChannel} that does not block. Contract and thread rules are those of
 * {@link AsynchronousSocketChannel}. Whoever waits for an operation is released by a thread of the group, by the
 * operation's time-out, or by {@link #close}.
 */
final class VmcAsynchronousSocketChannel extends AsynchronousSocketChannel implements GroupChannel, VmcConnection {
    /** By name, because one of them is no part of the JDK's API. */
    private static final Set<String> NOT_ASYNCHRONOUS = Set.of("SO_LINGER", "IP_TOS", "SO_OOBINLINE");

    private final VmcAsynchronousChannelGroup group;
    private final SocketChannel below;

    private final Lane connector;
    private final Lane reader;
    private final Lane writer;
    private final ChannelLife life;

    private volatile boolean connected;
    private volatile boolean connecting;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    private VmcAsynchronousSocketChannel(VmcAsynchronousChannelGroup group, SocketChannel below, boolean connected) {
        super(group.provider());
        this.group = group;
        this.below = below;
        this.connected = connected;
        Registration registration = new Registration(below, this);
        connector = new Lane(this, registration, SelectionKey.OP_CONNECT, this::killConnect);
        reader = new Lane(this, registration, SelectionKey.OP_READ, this::killReads);
        writer = new Lane(this, registration, SelectionKey.OP_WRITE, this::killWrites);
        life = new ChannelLife(this, below, registration, reader, writer, connector);
    }

    static VmcAsynchronousSocketChannel open(VmcAsynchronousChannelGroup group) throws IOException {
        return join(group, group.vmcProvider().channels().openSocketChannel(), false);
    }

    /** For a connection that was accepted; closes it when that is not possible. */
    static VmcAsynchronousSocketChannel accepted(VmcAsynchronousChannelGroup group, SocketChannel below)
            throws IOException {
        return join(group, below, true);
    }

    private static VmcAsynchronousSocketChannel join(
            VmcAsynchronousChannelGroup group, SocketChannel below, boolean connected) throws IOException {
        try {
            below.configureBlocking(false);
            VmcAsynchronousSocketChannel channel = new VmcAsynchronousSocketChannel(group, below, connected);
            group.add(channel);
            return channel;
        } catch (IOException | RuntimeException e) {
            below.close();
            throw e;
        }
    }

    // -- connecting

    @Override
    public Future<Void> connect(SocketAddress remote) {
        return connect(remote, new Operation<Void, Void>(group, null, null));
    }

    @Override
    public <A> void connect(SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        connect(remote, new Operation<>(group, requireHandler(handler), attachment));
    }

    private <A> Future<Void> connect(SocketAddress remote, Operation<Void, A> op) {
        if (!isOpen()) {
            return op.completedAtOnce(null, new ClosedChannelException());
        }
        Addresses.check(remote);
        synchronized (connector) {
            if (connected) {
                throw new AlreadyConnectedException();
            }
            if (connecting) {
                throw new ConnectionPendingException();
            }
            connecting = true;
        }
        return connector.start(op.trying(() -> connectStep(remote)), true, true, 0, TimeUnit.NANOSECONDS);
    }

    /** The first step connects, the later ones finish it. A connect that fails closes the channel. */
    private Object connectStep(SocketAddress remote) throws IOException {
        try {
            boolean done = below.isConnectionPending() ? below.finishConnect() : below.connect(remote);
            if (done) {
                connected = true;
                connecting = false;
            }
            return done ? null : Attempt.NOT_YET;
        } catch (IOException | RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void killConnect() {
        killReads();
        killWrites();
    }

    private void killReads() {
        reader.kill();
    }

    private void killWrites() {
        writer.kill();
    }

    // -- reading

    @Override
    public Future<Integer> read(ByteBuffer dst) {
        Transfers.requireWritable(dst);
        Operation<Integer, Void> op = new Operation<>(group, null, null);
        return read(op.trying(Transfers.read(below, dst)), -1, dst.hasRemaining() ? null : 0, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public <A> void read(
            ByteBuffer dst, long timeout, TimeUnit unit, A attachment, CompletionHandler<Integer, ? super A> handler) {
        Operation<Integer, A> op = new Operation<>(group, requireHandler(handler), attachment);
        Transfers.requireWritable(dst);
        read(op.trying(Transfers.read(below, dst)), -1, dst.hasRemaining() ? null : 0, timeout, unit);
    }

    @Override
    public <A> void read(
            ByteBuffer[] dsts,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        Operation<Long, A> op = new Operation<>(group, requireHandler(handler), attachment);
        ByteBuffer[] buffers = Transfers.subsequence(dsts, offset, length);
        for (ByteBuffer dst : buffers) {
            Transfers.requireWritable(dst);
        }
        read(op.trying(Transfers.read(below, buffers)), -1L, null, timeout, unit);
    }

    /** @param nothingToDo the result if there is no room; null if there is */
    private <V, A> Future<V> read(Operation<V, A> op, V end, V nothingToDo, long timeout, TimeUnit unit) {
        if (!isOpen()) {
            return op.completedAtOnce(null, new ClosedChannelException());
        }
        if (!connected) {
            throw new NotYetConnectedException();
        }
        V atOnce = nothingToDo;
        synchronized (reader) {
            if (reader.isKilled()) {
                throw new IllegalStateException("Reading not allowed due to timeout or cancellation");
            }
            if (reader.isBusy()) {
                throw new ReadPendingException();
            }
            if (inputShutdown) {
                atOnce = end;
            } else if (nothingToDo == null) {
                reader.occupy();
            }
        }
        return atOnce != null
                ? op.completedAtOnce(atOnce, null)
                : reader.start(op, reader.mayTry(op), true, timeout, unit);
    }

    // -- writing

    @Override
    public Future<Integer> write(ByteBuffer src) {
        Operation<Integer, Void> op = new Operation<>(group, null, null);
        return write(op.trying(Transfers.write(below, src)), src.hasRemaining() ? null : 0, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public <A> void write(
            ByteBuffer src, long timeout, TimeUnit unit, A attachment, CompletionHandler<Integer, ? super A> handler) {
        Operation<Integer, A> op = new Operation<>(group, requireHandler(handler), attachment);
        write(op.trying(Transfers.write(below, src)), src.hasRemaining() ? null : 0, timeout, unit);
    }

    @Override
    public <A> void write(
            ByteBuffer[] srcs,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        Operation<Long, A> op = new Operation<>(group, requireHandler(handler), attachment);
        ByteBuffer[] buffers = Transfers.subsequence(srcs, offset, length);
        write(op.trying(Transfers.write(below, buffers)), null, timeout, unit);
    }

    /** @param nothingToDo the result if there is nothing to write; null if there is */
    private <V, A> Future<V> write(Operation<V, A> op, V nothingToDo, long timeout, TimeUnit unit) {
        boolean over = !isOpen();
        if (!over) {
            if (!connected) {
                throw new NotYetConnectedException();
            }
            synchronized (writer) {
                if (writer.isKilled()) {
                    throw new IllegalStateException("Writing not allowed due to timeout or cancellation");
                }
                if (writer.isBusy()) {
                    throw new WritePendingException();
                }
                over = outputShutdown;
                if (!over && nothingToDo == null) {
                    writer.occupy();
                }
            }
        }
        if (over) {
            return op.completedAtOnce(null, new ClosedChannelException());
        }
        return nothingToDo != null
                ? op.completedAtOnce(nothingToDo, null)
                : writer.start(op, writer.mayTry(op), true, timeout, unit);
    }

    // -- the group

    @Override
    public VmcAsynchronousChannelGroup group() {
        return group;
    }

    @Override
    public void ready(int ops, boolean direct) {
        boolean readable = (ops & SelectionKey.OP_READ) != 0;
        if ((ops & SelectionKey.OP_WRITE) != 0) {
            writer.ready(direct && !readable); // a handler of the one must not keep the other waiting
        }
        if ((ops & SelectionKey.OP_CONNECT) != 0) {
            connector.ready(direct);
        }
        if (readable) {
            reader.ready(direct);
        }
    }

    // -- state

    @Override
    public AsynchronousSocketChannel shutdownInput() throws IOException {
        requireConnected();
        synchronized (reader) {
            below.shutdownInput();
            inputShutdown = true;
        }
        reader.ready(false);
        return this;
    }

    @Override
    public AsynchronousSocketChannel shutdownOutput() throws IOException {
        requireConnected();
        synchronized (writer) {
            below.shutdownOutput();
            outputShutdown = true;
        }
        writer.ready(false);
        return this;
    }

    private void requireConnected() throws ClosedChannelException {
        requireOpen();
        if (!connected) {
            throw new NotYetConnectedException();
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
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
    public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
        below.bind(local);
        return this;
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return below.getLocalAddress();
    }

    @Override
    public SocketAddress getRemoteAddress() throws IOException {
        return below.getRemoteAddress();
    }

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        requireSupported(name);
        requireOpen();
        if (outputShutdown) {
            throw new IOException("Connection has been shutdown for writing"); // as the JDK's
        }
        below.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        requireSupported(name);
        requireOpen();
        return below.getOption(name);
    }

    private void requireSupported(SocketOption<?> name) {
        Objects.requireNonNull(name);
        if (!supportedOptions().contains(name)) {
            throw new UnsupportedOperationException("'" + name + "' not supported");
        }
    }

    /** Those of the JDK's asynchronous channels, which are fewer than those of its others. */
    @Override
    public Set<SocketOption<?>> supportedOptions() {
        Set<SocketOption<?>> options = new HashSet<>(below.supportedOptions());
        options.removeIf(option -> NOT_ASYNCHRONOUS.contains(option.name()));
        return Set.copyOf(options);
    }

    @Override
    public ConnectionInfo connectionInfo() {
        return ((VmcConnection) below).connectionInfo();
    }

    private static <H> H requireHandler(H handler) {
        return Objects.requireNonNull(handler, "'handler' is null");
    }

    @Override
    public String toString() {
        return getClass().getName() + "[" + (isOpen() ? below.toString() : "closed") + "]";
    }
}
