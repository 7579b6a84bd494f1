package org.xenvmc.migration.world;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A connected socket as far as bringing it onto a path needs a channel: addresses, reading and writing. */
final class SocketView extends SocketChannel {
    private final Socket socket;

    SocketView(Socket socket) {
        super(SelectorProvider.provider());
        this.socket = socket;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        byte[] bytes = new byte[dst.remaining()];
        int n = socket.getInputStream().read(bytes);
        dst.put(bytes, 0, Math.max(n, 0));
        return n;
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        byte[] bytes = new byte[src.remaining()];
        src.get(bytes);
        socket.getOutputStream().write(bytes);
        return bytes.length;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return socket.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalAddress() {
        return socket.getLocalSocketAddress();
    }

    @Override
    public Socket socket() {
        return socket;
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("ask the socket");
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw unused();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw unused();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw unused();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        throw unused();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw unused();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw unused();
    }

    @Override
    public boolean isConnected() {
        return socket.isConnected();
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw unused();
    }

    @Override
    public boolean finishConnect() {
        throw unused();
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) {
        throw unused();
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) {
        throw unused();
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        socket.close();
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        throw unused();
    }
}
