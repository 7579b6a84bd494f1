package org.xenvmc.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import org.xenvmc.transport.spi.ByteStream;

/** Questions about connections for programs that know only the JDK's types. */
public final class VmcConnections {
    private VmcConnections() {}

    /** Whether the channel was made by a {@link VmcSelectorProvider}. */
    public static boolean isOurs(SocketChannel channel) {
        return channel instanceof VmcConnection;
    }

    /** Whether the channel was made by an asynchronous channel provider of ours. */
    public static boolean isOurs(AsynchronousSocketChannel channel) {
        return channel instanceof VmcConnection;
    }

    /** Whether the socket belongs to a channel that was made by a {@link VmcSelectorProvider}. */
    public static boolean isOurs(Socket socket) {
        return connection(socket) instanceof VmcConnection;
    }

    /**
     * Tells which path each direction of a connection is on and, on TCP, why.
     *
     * @throws IllegalArgumentException when the channel is not ours (see {@link #isOurs(SocketChannel)})
     * @throws java.nio.channels.NotYetConnectedException before the connection is established
     */
    public static ConnectionInfo info(SocketChannel channel) {
        return ours(channel).connectionInfo();
    }

    /**
     * Tells which path each direction of a connection is on and, on TCP, why.
     *
     * @throws IllegalArgumentException when the socket is not ours (see {@link #isOurs(Socket)})
     * @throws java.nio.channels.NotYetConnectedException before the connection is established
     */
    public static ConnectionInfo info(Socket socket) {
        Object connection = connection(socket);
        return ours(connection instanceof VmcConnection ? connection : socket).connectionInfo();
    }

    /**
     * Tells which path each direction of a connection is on and, on TCP, why.
     *
     * @throws IllegalArgumentException when the channel was not made by our asynchronous channel provider
     * @throws java.nio.channels.NotYetConnectedException before the connection is established
     */
    public static ConnectionInfo info(AsynchronousSocketChannel channel) {
        return ours(channel).connectionInfo();
    }

    /**
     * Receives without a copy into the application's memory where that is possible; from any channel, ours or not. See {@link
     * InPlaceReceiver#receive}.
     */
    public static int receive(SocketChannel channel, int maxBytes, DataHandler handler) throws IOException {
        if (channel instanceof InPlaceReceiver) {
            return ((InPlaceReceiver) channel).receive(maxBytes, handler);
        }
        ByteBuffer copy = ByteBuffer.allocate(Math.min(maxBytes, ByteStream.LARGEST_COPY_BYTES));
        int n = channel.read(copy);
        if (n > 0) {
            handler.received(copy.flip().asReadOnlyBuffer());
        }
        return n;
    }

    /** The adaptor of a channel must not have a public method that {@link Socket} has not: its channel is asked. */
    private static Object connection(Socket socket) {
        return socket == null || socket.getChannel() == null ? socket : socket.getChannel();
    }

    private static VmcConnection ours(Object o) {
        if (o instanceof VmcConnection) {
            return (VmcConnection) o;
        }
        String type = o == null ? "null" : o.getClass().getName();
        throw new IllegalArgumentException(type + " was not made by " + VmcSelectorProvider.class.getSimpleName()
                + "; it is plain TCP or not connected by TCP");
    }
}
