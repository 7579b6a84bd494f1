package org.xenvmc.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.channels.SocketChannel;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnection;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * A socket channel of Netty whose bytes travel through shared memory while both ends run on one host. For event loops with
 * a {@link VmcIoHandler}; it also works with Netty's NIO handler on our provider.
 */
public class VmcNettySocketChannel extends NioSocketChannel implements VmcConnection {
    /** A channel of the default provider; see {@link VmcIoHandler#newFactory()}. */
    public VmcNettySocketChannel() {
        this(DefaultProvider.get());
    }

    /** A channel of this provider. */
    public VmcNettySocketChannel(VmcSelectorProvider provider) {
        super(provider);
    }

    /** A channel for a connection that {@code parent} accepted. */
    public VmcNettySocketChannel(Channel parent, SocketChannel connection) {
        super(parent, connection);
    }

    /**
     * Tells which path each direction is on and, on TCP, why. Any thread may ask.
     *
     * @throws java.nio.channels.NotYetConnectedException before the connection is established
     */
    @Override
    public ConnectionInfo connectionInfo() {
        return ((VmcConnection) javaChannel()).connectionInfo();
    }
}
