package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * What data goes through below a {@code java.net} socket: a connection, or datagrams. Does not know the socket, which may be
 * forgotten. Exceptions are those of the JDK's own sockets.
 */
abstract class DataCore extends BlockingCore {
    DataCore(InterruptPolicy interrupts) {
        super(interrupts);
    }

    /** The JDK's channel, for its options and addresses. */
    abstract NetworkChannel channel();

    /** Binds; returns the port. */
    final int bind(InetSocketAddress local) throws IOException {
        try {
            channel().bind(local);
        } catch (UnsupportedAddressTypeException e) {
            throw familyUnavailable(e);
        }
        return localPort();
    }

    final int localPort() throws IOException {
        return ((InetSocketAddress) channel().getLocalAddress()).getPort();
    }

    /**
     * Connects; the caller closes after a failure.
     *
     * @param timeoutMs in milliseconds, 0 for none
     * @param engine the VM's, asked when there is a connection
     */
    abstract void connect(InetSocketAddress remote, int timeoutMs, Supplier<TransportEngine> engine) throws IOException;

    /** Reads at least one byte, or -1 at the end; {@code timeoutMs} in milliseconds, 0 for none. */
    abstract int read(byte[] b, int off, int len, int timeoutMs) throws IOException;

    /** Writes all. */
    abstract void write(byte[] b, int off, int len) throws IOException;

    abstract void sendUrgent(int data) throws IOException;

    abstract int available() throws IOException;

    abstract void shutdownInput() throws IOException;

    abstract void shutdownOutput() throws IOException;

    /** What is known of the connection, or null where there is none. */
    abstract ConnectionInfo info();

    static SocketException notConnected() {
        return new SocketException("Not connected");
    }
}
