package org.xenvmc.transport;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;

/**
 * A socket channel whose bytes go wherever its {@link ByteStream} sends them. Until the connection is established it is
 * the JDK's channel below that does everything.
 *
 * <p>The contract, exceptions included, is that of {@link SocketChannel}: a thread blocked in an operation ends with
 * {@link AsynchronousCloseException} when another thread closes the channel, and with {@link
 * java.nio.channels.ClosedByInterruptException} when it is interrupted, which closes the channel.
 */
public final class VmcSocketChannel extends TcpBackedChannel implements VmcConnection, InPlaceReceiver {
    /** Buffers per call that the system takes, as the JDK's channels (IOV_MAX on Linux). */
    private static final int IOV_MAX = 1024;

    private final VmcSelectorProvider owner;

    /** Held while connecting, so that reads, writes and changes of mode wait for the outcome, as with the JDK. */
    private final ReentrantLock connectLock = new ReentrantLock();

    /** Guards the step from no stream to a stream, against close. Never held while blocking. */
    private final Object stateLock = new Object();

    private volatile ByteStream stream; // set once, by established()
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private Socket adaptor; // guarded by stateLock

    /** An unconnected channel. */
    VmcSocketChannel(VmcSelectorProvider owner, SocketChannel tcp) {
        super(owner, tcp);
        this.owner = owner;
    }

    /** A channel for an accepted connection. Closes {@code tcp} when that fails. */
    static VmcSocketChannel accepted(VmcSelectorProvider owner, SocketChannel tcp) throws IOException {
        VmcSocketChannel channel = new VmcSocketChannel(owner, tcp);
        channel.established(false);
        return channel;
    }

    // -- data

    @Override
    public int read(ByteBuffer dst) throws IOException {
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(dst);
        }
        if (dst.isReadOnly()) {
            throw readOnly();
        }
        try {
            if (!isBlocking()) {
                return s.read(dst, ByteStream.NON_BLOCKING);
            }
            endIfInterrupted();
            return s.read(dst, ByteStream.FOREVER);
        } catch (ClosedChannelException e) {
            throw followClose(e);
        }
    }

    @Override
    public int receive(int maxBytes, DataHandler handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        if (maxBytes <= 0) {
            throw new IllegalArgumentException(maxBytes + " bytes at most");
        }
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(handler);
        }
        try {
            if (!isBlocking()) {
                return s.receive(maxBytes, handler, ByteStream.NON_BLOCKING);
            }
            endIfInterrupted();
            return s.receive(maxBytes, handler, ByteStream.FOREVER);
        } catch (ClosedChannelException e) {
            throw followClose(e);
        }
    }

    /** For the adaptor: the JDK's errors where there is no stream yet, or no more. */
    void sendUrgent(int data, Socket below) throws IOException {
        ByteStream s = stream;
        if (s == null) {
            below.sendUrgentData(data);
        } else {
            requireOpen();
            s.sendUrgent(data);
        }
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(dsts);
        }
        int count = Math.min(length, IOV_MAX);
        for (int i = offset; i < offset + count; i++) {
            if (dsts[i].isReadOnly()) {
                throw readOnly();
            }
        }
        try {
            if (!isBlocking()) {
                return s.read(dsts, offset, count, ByteStream.NON_BLOCKING);
            }
            endIfInterrupted();
            return s.read(dsts, offset, count, ByteStream.FOREVER);
        } catch (ClosedChannelException e) {
            throw followClose(e);
        }
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(src);
        }
        try {
            if (!isBlocking()) {
                return s.write(src, false);
            }
            endIfInterrupted();
            return s.write(src, true);
        } catch (ClosedChannelException e) {
            throw followClose(e);
        }
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(srcs);
        }
        int count = Math.min(length, IOV_MAX);
        for (int i = offset; i < offset + count; i++) {
            Objects.requireNonNull(srcs[i]);
        }
        try {
            if (!isBlocking()) {
                return s.write(srcs, offset, count, false);
            }
            endIfInterrupted();
            return s.write(srcs, offset, count, true);
        } catch (ClosedChannelException e) {
            throw followClose(e);
        }
    }

    /** Slow path of an operation that found no stream: waits for a connect in progress. */
    private ByteStream awaitStream(Object buffers) throws IOException {
        Objects.requireNonNull(buffers);
        connectLock.lock();
        try {
            return connectedStream();
        } finally {
            connectLock.unlock();
        }
    }

    /** The stream of an open, connected channel. */
    private ByteStream connectedStream() throws ClosedChannelException {
        requireOpen();
        ByteStream s = stream;
        if (s == null) {
            throw new NotYetConnectedException();
        }
        return s;
    }

    // -- what the socket adaptor needs

    /** The stream of a blocking channel; checks in the order in which the JDK's adaptor does. */
    ByteStream blockingStream() throws IOException {
        ByteStream s = stream;
        if (s == null) {
            s = awaitStream(this);
        } else {
            requireOpen();
        }
        if (!isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        endIfInterrupted();
        return s;
    }

    boolean isInputShutdown() {
        return inputShutdown;
    }

    boolean isOutputShutdown() {
        return outputShutdown;
    }

    int available() throws IOException {
        return connectedStream().available();
    }

    /** Connects through the JDK's adaptor, which knows time-outs and its own exceptions. */
    void connectAdaptor(SocketAddress remote, int timeoutMs) throws IOException {
        connectLock.lock();
        try {
            jdk().socket().connect(remote, timeoutMs);
            established(true);
        } catch (IOException e) {
            followClose();
            throw e;
        } finally {
            connectLock.unlock();
        }
    }

    // -- connecting

    @Override
    public boolean connect(SocketAddress remote) throws IOException {
        return connecting(() -> jdk().connect(remote));
    }

    @Override
    public boolean finishConnect() throws IOException {
        if (stream != null && isConnected()) {
            return true;
        }
        return connecting(() -> jdk().finishConnect());
    }

    private interface ConnectStep {
        boolean run() throws IOException;
    }

    private boolean connecting(ConnectStep step) throws IOException {
        connectLock.lock();
        try {
            boolean connected = step.run();
            if (connected) {
                established(true);
            }
            return connected;
        } catch (IOException e) {
            followClose();
            throw e;
        } finally {
            connectLock.unlock();
        }
    }

    /** The TCP connection exists: from now on the stream does the reading and writing. Idempotent. */
    private void established(boolean initiator) throws IOException {
        if (stream != null) {
            return;
        }
        ByteStream opened;
        try {
            opened = owner.engine().open(tcp, initiator, new Section());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        synchronized (stateLock) {
            if (isOpen()) {
                stream = opened;
            }
        }
        if (stream == null) {
            opened.close();
            throw new AsynchronousCloseException();
        }
        keyList().streamOpened();
    }

    /** Lets a stream that blocks outside the JDK's channel be interrupted and closed. */
    private final class Section implements BlockingSection {
        @Override
        public void beginBlocking() {
            begin();
        }

        @Override
        public void endBlocking(boolean completed) throws AsynchronousCloseException {
            end(completed);
        }
    }

    @Override
    public boolean isConnected() {
        return stream != null && isOpen() && tcp.isConnected();
    }

    @Override
    public boolean isConnectionPending() {
        return tcp.isConnectionPending() || isEstablishing();
    }

    // -- state

    @Override
    public SocketChannel shutdownInput() throws IOException {
        ByteStream s = connectedStream();
        inputShutdown = true; // before it: a reader that is ended by it must find the reason
        s.shutdownInput();
        return this;
    }

    @Override
    public SocketChannel shutdownOutput() throws IOException {
        ByteStream s = connectedStream();
        outputShutdown = true; // before it: a writer that is ended by it must find the reason
        s.shutdownOutput();
        return this;
    }

    @Override
    protected void implConfigureBlocking(boolean block) throws IOException {
        connectLock.lock();
        try {
            if (block) {
                keyList().cancelBelow();
            }
            ByteStream s = stream;
            if (s == null) {
                tcp.configureBlocking(block);
            } else {
                s.configureBlocking(block);
            }
        } finally {
            connectLock.unlock();
        }
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        ByteStream s;
        synchronized (stateLock) {
            s = stream; // established() looks at isOpen under the same lock: it closes what we do not see here
        }
        if (s == null) {
            tcp.close();
        } else {
            s.close();
        }
    }

    @Override
    public Socket socket() {
        synchronized (stateLock) {
            if (adaptor == null) {
                adaptor = VmcSocket.of(this, tcp.socket());
            }
            return adaptor;
        }
    }

    @Override
    public ConnectionInfo connectionInfo() {
        ByteStream s = stream;
        if (s == null) {
            throw new NotYetConnectedException();
        }
        return s.info();
    }

    // -- for the selector

    /** The stream, or null before the connection is established. */
    ByteStream stream() {
        return stream;
    }

    /** Whether TCP is connected already and the stream is not there yet. */
    boolean isEstablishing() {
        return stream == null && tcp.isConnected();
    }
}
